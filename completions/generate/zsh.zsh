#compdef cdpctl
# Completion of cdpctl for zsh; printed by `cdpctl completion zsh`.
# It starts no process. Peers come from the list of the last read of the grid, and profiles from the configuration.

# Read the user's configuration and the machine's into _cdpctl_profile_names and _cdpctl_default, the default profile.
_cdpctl_configuration() {
    local file line match mbegin mend own
    local quoted='[[:space:]]*("([^"]+)"|'"'([^']+)'"'|([A-Za-z0-9_-]+))[[:space:]]*'
    local header="^[[:space:]]*\\[?[[:space:]]*profiles[[:space:]]*\\.${quoted}[].]"
    local default='^[[:space:]]*default_profile[[:space:]]*=[[:space:]]*["'\'']([^"'\'']*)'
    _cdpctl_profile_names=() _cdpctl_default=''
    if [[ -n $CDPCTL_CONFIG ]]; then
        own=${CDPCTL_CONFIG/#\~\//$HOME/}
    elif [[ $OSTYPE == darwin* ]]; then
        own="$HOME/Library/Application Support/cdpctl/config.toml"
    elif [[ $XDG_CONFIG_HOME == /* ]]; then
        own=$XDG_CONFIG_HOME/cdpctl/config.toml
    else
        own=$HOME/.config/cdpctl/config.toml
    fi
    for file in $own /etc/cdpctl/config.toml; do
        [[ -f $file && -r $file ]] || continue
        for line in "${(@f)$(<$file)}"; do
            if [[ $line =~ $header ]]; then
                _cdpctl_profile_names+=("$match[2]$match[3]$match[4]")
            elif [[ -z $_cdpctl_default && $line =~ $default ]]; then
                _cdpctl_default=$match[1]
            fi
        done
    done
    # A profile can have several tables.
    _cdpctl_profile_names=("${(@u)_cdpctl_profile_names}")
    [[ -z $_cdpctl_default && ${#_cdpctl_profile_names} -eq 1 ]] && _cdpctl_default=$_cdpctl_profile_names[1]
    return 0
}

# Find the value of an option in the words before the cursor. $1 is its long name, $2 its short one. Sets REPLY.
# `words` begins at the command here, so words before it are only in _cdpctl_line.
_cdpctl_given() {
    local -i index
    REPLY=''
    for ((index = 2; index <= $#_cdpctl_line; index++)); do
        case $_cdpctl_line[index] in
            (--) break ;;
            ($1|$2) REPLY=${_cdpctl_line[index + 1]-} ;;
            ($1=*) REPLY=${_cdpctl_line[index]#*=} ;;
            (${2:-$1}?*) [[ -n $2 ]] && REPLY=${_cdpctl_line[index]#$2} ;;
        esac
    done
    return 0
}

_cdpctl_profiles() {
    emulate -L zsh
    local -a _cdpctl_profile_names expl
    local _cdpctl_default
    _cdpctl_configuration
    _wanted profiles expl profile compadd -a _cdpctl_profile_names
}

# Offer the peers of the last read of the profile's grid.
_cdpctl_peers() {
    emulate -L zsh
    local -a _cdpctl_profile_names names given expl
    local _cdpctl_default key folder stamp REPLY
    _cdpctl_given --url ''
    key=${REPLY:-$CDPCTL_URL}
    if [[ -n $key ]]; then
        key=@${key//[^A-Za-z0-9._-]/_}
    else
        _cdpctl_given --profile -p
        key=${REPLY:-$CDPCTL_PROFILE}
        if [[ -z $key ]]; then
            _cdpctl_configuration
            key=${_cdpctl_default:-default}
        fi
        [[ $key == *[^A-Za-z0-9._-]* ]] && return 1
    fi
    if [[ -n $CDPCTL_CONFIG ]]; then
        folder=${CDPCTL_CONFIG/#\~\//$HOME/}.peers
    elif [[ $XDG_CACHE_HOME == /* ]]; then
        folder=$XDG_CACHE_HOME/cdpctl/peers
    elif [[ $OSTYPE == darwin* ]]; then
        folder=$HOME/Library/Caches/cdpctl/peers
    else
        folder=$HOME/.cache/cdpctl/peers
    fi
    [[ -f $folder/$key && -r $folder/$key ]] || return 1
    names=("${(@f)$(<$folder/$key)}")
    # The first line is the time of the list. A list older than a month is not used.
    stamp=${names[1]#\# }
    zmodload -F zsh/datetime p:EPOCHSECONDS 2>/dev/null || return 1
    [[ $stamp == <-> ]] && ((EPOCHSECONDS - stamp < 2592000)) || return 1
    shift names
    # Do not offer a peer that was already typed. -F takes patterns, so each name is quoted.
    given=("${(@b)_cdpctl_line}")
    _wanted peers expl peer compadd -F given -a names
}

# Complete the command line behind `sandbox run --`: a program's, or cdpctl's own without its name.
_cdpctl_nested() {
    [[ $words[1] == -- ]] && { shift words; ((CURRENT -= 1)) }
    if ((CURRENT > 1)) && (($+functions[_cdpctl_run_${words[1]//-/_}])); then
        words=(cdpctl "${(@)words}")
        ((CURRENT += 1))
    fi
    _normal
}

# Called by TAB.
_cdpctl() {
    local -a _cdpctl_line=("${(@Q)words[1,CURRENT - 1]}")
    _cdpctl_run "$@"
}

@GENERATED@

if [[ $funcstack[1] == _cdpctl ]]; then
    _cdpctl "$@"
else
    # Sourced from .zshrc rather than found through fpath.
    (($+functions[compdef])) || { autoload -Uz compinit && compinit }
    compdef _cdpctl cdpctl
fi
