# Completion of cdpctl for bash 3.2 and newer; made by `cdpctl completion bash`.
# It starts no process: peers come from the list that the last command to read them left behind,
# profiles from the configuration.

# Take the line up to the cursor apart as bash does: _words are the words before the one at the cursor,
# _word is that one without its quotes, _raw the same as typed, _before what of it is not in open quotes.
_cdpctl_split() {
    local line=${COMP_LINE:0:COMP_POINT} char next begun='' index
    _words=() _word='' _raw='' _quote='' _before=''
    for ((index = 0; index < ${#line}; index++)); do
        char=${line:index:1}
        if [[ $_quote == "'" && $char != "'" ]]; then
            _word+=$char _raw+=$char
        elif [[ $char == \\ ]]; then
            index=$((index + 1)) next=${line:index:1} begun=1
            _raw+=$char$next
            [[ $_quote && $next != [\"\\\$\`] ]] && _word+=$char
            _word+=$next
        elif [[ $_quote == "$char" ]]; then
            _raw+=$char _quote='' _before=''
        elif [[ ! $_quote && $char == [\"\'] ]]; then
            _raw+=$char _quote=$char _before=$_word begun=1
        elif [[ ! $_quote && $char == [[:space:]] ]]; then
            [[ $begun ]] && _words+=("$_word")
            _word='' _raw='' begun=''
        else
            _word+=$char _raw+=$char begun=1
        fi
    done
}

# Offer a word ($1) where it begins with what was typed; $2 stands before it in the same word.
_cdpctl_offer() {
    local whole=$2$1 shown=$1 cut part
    [[ $whole == "$_word"* ]] || return 0
    if [[ $_quote ]]; then
        # What follows the open quote is replaced; readline closes it.
        COMPREPLY+=("${whole#"$_before"}")
        return 0
    fi
    case $1 in
        *[!A-Za-z0-9_./:=@%+,-]*) printf -v shown %q "$1" ;;
    esac
    whole=$2$shown cut=''
    # Readline replaces only what follows the last of its word breaks.
    for part in = : @; do
        if [[ $COMP_WORDBREAKS == *"$part"* && $_raw == *"$part"* ]]; then
            part=${_raw%"$part"*}$part
            ((${#part} > ${#cut})) && cut=$part
        fi
    done
    COMPREPLY+=("${whole#"$cut"}")
}

_cdpctl_offer_all() {
    local prefix=$1 each
    shift
    for each; do _cdpctl_offer "$each" "$prefix"; done
}

_cdpctl_files() {
    if compopt -o default -o filenames 2>/dev/null; then
        # Readline's own completion of files follows, where no word of ours is offered.
        return 0
    fi
    local each
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "${_word#"$1"}")
}

# Read the configuration: _profiles, and _default, the profile of a run that names none.
_cdpctl_configuration() {
    local file line
    local header='^[[:space:]]*\[[[:space:]]*profiles[[:space:]]*\.[[:space:]]*["'\'']?([A-Za-z0-9._-]+)'
    local default='^[[:space:]]*default_profile[[:space:]]*=[[:space:]]*["'\'']([^"'\'']*)'
    _profiles=() _default=''
    for file in "${CDPCTL_CONFIG:-${XDG_CONFIG_HOME:-${HOME-}/.config}/cdpctl/config.toml}" \
        "${CDPCTL_CONFIG:-${HOME-}/Library/Application Support/cdpctl/config.toml}" \
        "${CDPCTL_CONFIG:-${LOCALAPPDATA-}/cdpctl/config.toml}"; do
        [[ -f $file && -r $file ]] || continue
        while IFS= read -r line || [[ $line ]]; do
            if [[ $line =~ $header ]]; then
                _profiles+=("${BASH_REMATCH[1]}")
            elif [[ ! $_default && $line =~ $default ]]; then
                _default=${BASH_REMATCH[1]}
            fi
        done <"$file"
        break
    done
    [[ ! $_default && ${#_profiles[@]} -eq 1 ]] && _default=${_profiles[0]}
    return 0
}

# Find the value of an option in the words before the cursor; $1 long, $2 short. The result is in _found.
_cdpctl_given() {
    local index
    _found=''
    for ((index = 1; index < ${#_words[@]}; index++)); do
        case ${_words[index]} in
            --) break ;;
            "$1" | "$2") index=$((index + 1)) _found=${_words[index]-} ;;
            "$1"=*) _found=${_words[index]#*=} ;;
            "$2"?*) [[ $2 ]] && _found=${_words[index]#"$2"} ;;
        esac
    done
}

# Offer the peers that the profile's last read showed.
_cdpctl_peers() {
    local _found _default key folder file stamp now='' each
    local -a _profiles=() names=()
    _cdpctl_given --url ''
    key=${_found:-${CDPCTL_URL-}}
    if [[ $key ]]; then
        key=@${key//[!A-Za-z0-9._-]/_}
    else
        _cdpctl_given --profile -p
        key=${_found:-${CDPCTL_PROFILE-}}
        if [[ ! $key ]]; then
            _cdpctl_configuration
            key=${_default:-default}
        fi
        [[ $key == *[!A-Za-z0-9._-]* ]] && return 0
    fi
    if [[ ${CDPCTL_CONFIG-} ]]; then
        folder=$CDPCTL_CONFIG.peers
    elif [[ ${XDG_CACHE_HOME-} == /* ]]; then
        folder=$XDG_CACHE_HOME/cdpctl/peers
    elif [[ ${OSTYPE-} == darwin* ]]; then
        folder=${HOME-}/Library/Caches/cdpctl/peers
    elif [[ ${OSTYPE-} == msys* || ${OSTYPE-} == cygwin* ]]; then
        folder=${LOCALAPPDATA-}/cdpctl/Cache/peers
    else
        folder=${HOME-}/.cache/cdpctl/peers
    fi
    file=$folder/$key
    [[ -f $file && -r $file ]] || return 0
    if ((BASH_VERSINFO[0] >= 4)); then
        mapfile -t names <"$file"
    else
        while IFS= read -r each || [[ $each ]]; do names+=("$each"); done <"$file"
    fi
    # The first line says when it was written; after a month nothing of it is offered.
    stamp=${names[0]-}
    [[ $stamp == '# '* ]] || return 0
    stamp=${stamp#\# }
    printf -v now '%(%s)T' -1 2>/dev/null || now=$stamp
    [[ $stamp != *[!0-9]* ]] && ((now - stamp < _cdpctl_month)) || return 0
    for each in "${names[@]:1}"; do
        [[ $2 != pattern && " ${_words[*]} " == *" $each "* ]] && _cdpctl_named "$each" && continue
        [[ $1$each == "$_word"* ]] && _cdpctl_offer "$each" "$1"
    done
    return 0
}

_cdpctl_named() {
    local each
    for each in "${_words[@]}"; do [[ $each == "$1" ]] && return 0; done
    return 1
}

# Offer what can stand where $1 says; $2 stands before it in the same word.
_cdpctl_values() {
    local _default
    local -a _profiles=()
    case $1 in
        peers) _cdpctl_peers "$2" names ;;
        files) _cdpctl_files "$2" ;;
        profiles)
            _cdpctl_configuration
            _cdpctl_offer_all "$2" ${_profiles[@]+"${_profiles[@]}"}
            ;;
        commands)
            local commands flags valued places
            _cdpctl_command ''
            # shellcheck disable=SC2086
            _cdpctl_offer_all "$2" $commands
            ;;
        nothing | '') ;;
        *)
            # shellcheck disable=SC2086 # a list of plain words
            _cdpctl_offer_all "$2" $1
            ;;
    esac
}

_cdpctl() {
    local IFS=$' \t\n' _word _raw _quote _before _cdpctl_month=2592000
    local path='' index each commands flags valued places place='' count=0 option='' ended=''
    local -a _words=() arguments=()
    COMPREPLY=()
    _cdpctl_split
    for ((index = 1; index < ${#_words[@]}; index++)); do
        each=${_words[index]}
        _cdpctl_command "$path"
        if [[ $option ]]; then
            option=''
        elif [[ $path == 'sandbox run' && ($each == -- || $ended) ]]; then
            # What follows is a command line of its own, cdpctl's or a program's.
            [[ $ended ]] || { ended=1; continue; }
            _words=(cdpctl "${_words[@]:index}")
            index=0 path='' count=0 ended=''
        elif [[ $ended ]]; then
            count=$((count + 1))
        elif [[ $each == -- ]]; then
            ended=1
        elif [[ $each == -?* ]]; then
            [[ " $valued " == *" $each "* ]] && option=$each
        elif [[ $commands ]]; then
            if [[ " $commands " != *" $each "* ]]; then
                _cdpctl_files ''
                return 0
            fi
            path=${path:+$path }$each
        else
            count=$((count + 1))
        fi
    done
    _cdpctl_command "$path"
    if [[ $option ]]; then
        _cdpctl_option "$path" "$option"
        _cdpctl_values "$place" ''
    elif [[ ! $ended && $_word == --*=* ]]; then
        option=${_word%%=*}
        _cdpctl_option "$path" "$option"
        _cdpctl_values "$place" "$option="
    elif [[ ! $ended && $_word == -[!-]?* && " $valued " == *" ${_word:0:2} "* ]]; then
        option=${_word:0:2}
        _cdpctl_option "$path" "$option"
        _cdpctl_values "$place" "$option"
    elif [[ ! $ended && $_word == -* ]]; then
        # shellcheck disable=SC2086
        _cdpctl_offer_all '' $flags $valued
    elif [[ $commands ]]; then
        # shellcheck disable=SC2086
        _cdpctl_offer_all '' $commands
    else
        # The last place takes all words that follow.
        IFS='|'
        # shellcheck disable=SC2206
        arguments=($places)
        IFS=$' \t\n'
        index=$((count < ${#arguments[@]} ? count : ${#arguments[@]} - 1))
        ((index >= 0)) && place=${arguments[index]}
        if [[ $places ]]; then
            _cdpctl_values "$place" ''
        elif [[ ! $ended ]]; then
            # shellcheck disable=SC2086
            _cdpctl_offer_all '' $flags $valued
        fi
    fi
    return 0
}

# What a command ($1) takes.
_cdpctl_command() {
    commands='' flags='' valued='' places=''
    case $1 in
        '')
            commands='login logout status config peer doctor api completion ansible sandbox help'
            flags='--version -V'
            ;;
        'login')
            flags='--password-stdin --save-password --insecure-skip-verify --insecure-http'
            valued='--username --password-file --token-store --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='nothing'
            ;;
        'logout')
            flags='--all --insecure-skip-verify --insecure-http'
            valued='--url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places=''
            ;;
        'status')
            flags='--insecure-skip-verify --insecure-http'
            valued='--url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places=''
            ;;
        'config')
            commands='list get set unset path profiles use remove'
            flags=''
            ;;
        'config list')
            flags=''
            valued=''
            places=''
            ;;
        'config get')
            flags=''
            valued=''
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
            ;;
        'config set')
            flags=''
            valued=''
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output|nothing'
            ;;
        'config unset')
            flags=''
            valued=''
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
            ;;
        'config path')
            flags=''
            valued=''
            places=''
            ;;
        'config profiles')
            flags=''
            valued=''
            places=''
            ;;
        'config use')
            flags=''
            valued=''
            places='profiles'
            ;;
        'config remove')
            flags=''
            valued=''
            places='profiles'
            ;;
        'peer')
            commands='list show stop start restart wait'
            flags=''
            ;;
        'peer list')
            flags='--watch -w --insecure-skip-verify --insecure-http'
            valued='--type --status --match --interval --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places=''
            ;;
        'peer show')
            flags='--insecure-skip-verify --insecure-http'
            valued='--url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer stop')
            flags='--all --each --strict --fail-fast --dry-run --yes -y --no-preflight --wait --no-wait --insecure-skip-verify --insecure-http'
            valued='--type --match --status --from-file --exclude --interval --parallel --output-failed --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer start')
            flags='--all --each --strict --fail-fast --dry-run --yes -y --no-preflight --wait --no-wait --insecure-skip-verify --insecure-http'
            valued='--type --match --status --from-file --exclude --interval --parallel --output-failed --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer restart')
            flags='--all --each --strict --fail-fast --dry-run --yes -y --no-preflight --start-stopped --wait --no-wait --insecure-skip-verify --insecure-http'
            valued='--type --match --status --from-file --exclude --interval --parallel --output-failed --batch --max-failures --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer wait')
            flags='--insecure-skip-verify --insecure-http'
            valued='--for --interval --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'doctor')
            flags='--insecure-skip-verify --insecure-http'
            valued='--url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places=''
            ;;
        'api')
            flags='--yes -y --insecure-skip-verify --insecure-http'
            valued='--body --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='GET POST PUT DELETE|/info/peer /peer /peer/stop /peer/start'
            ;;
        'completion')
            commands='bash zsh fish install'
            flags=''
            ;;
        'completion bash')
            flags=''
            valued=''
            places=''
            ;;
        'completion zsh')
            flags=''
            valued=''
            places=''
            ;;
        'completion fish')
            flags=''
            valued=''
            places=''
            ;;
        'completion install')
            flags=''
            valued='--shell'
            places=''
            ;;
        'ansible')
            commands='path'
            flags=''
            ;;
        'ansible path')
            flags=''
            valued=''
            places=''
            ;;
        'sandbox')
            commands='serve run'
            flags=''
            ;;
        'sandbox serve')
            flags='--tls'
            valued='--peers --stop-after --start-after --fault --latency --accepted --reads --idle --max-session --operator --port'
            places=''
            ;;
        'sandbox run')
            flags='--tls'
            valued='--peers --stop-after --start-after --fault --latency --accepted --reads --idle --max-session --operator'
            places='commands'
            ;;
        'help')
            flags='--schema'
            valued=''
            places='exit-codes environment output login logout status config peer doctor api completion ansible sandbox help'
            ;;
    esac
    [[ $commands ]] && return 0
    flags="$flags --no-color --quiet -q --verbose -v --no-input --help -h"
    valued="$valued --profile -p --output -o --fields"
}

# What can stand after an option ($2) of a command ($1).
_cdpctl_option() {
    place=''
    case "$1 $2" in
        'login --password-file' | 'login --ca-bundle' | 'login --client-cert' | 'login --client-key' | 'logout --ca-bundle' | 'logout --client-cert' | 'logout --client-key' | 'status --ca-bundle' | 'status --client-cert' | 'status --client-key' | 'peer list --ca-bundle' | 'peer list --client-cert' | 'peer list --client-key' | 'peer show --ca-bundle' | 'peer show --client-cert' | 'peer show --client-key' | 'peer stop --from-file' | 'peer stop --output-failed' | 'peer stop --ca-bundle' | 'peer stop --client-cert' | 'peer stop --client-key' | 'peer start --from-file' | 'peer start --output-failed' | 'peer start --ca-bundle' | 'peer start --client-cert' | 'peer start --client-key' | 'peer restart --from-file' | 'peer restart --output-failed' | 'peer restart --ca-bundle' | 'peer restart --client-cert' | 'peer restart --client-key' | 'peer wait --ca-bundle' | 'peer wait --client-cert' | 'peer wait --client-key' | 'doctor --ca-bundle' | 'doctor --client-cert' | 'doctor --client-key' | 'api --body' | 'api --ca-bundle' | 'api --client-cert' | 'api --client-key' | 'sandbox serve --peers' | 'sandbox run --peers')
            place='files'
            ;;
        'login --token-store')
            place='auto keyring file none'
            ;;
        *' --profile' | *' -p')
            place='profiles'
            ;;
        *' --output' | *' -o')
            place='table tsv json jsonl name'
            ;;
        'peer list --type')
            place='cdp ha-cdp ap lap'
            ;;
        'peer list --status' | 'peer stop --status' | 'peer start --status' | 'peer restart --status')
            place='RUNNING STOPPED'
            ;;
        'peer list --match' | 'peer stop --match' | 'peer stop --exclude' | 'peer start --match' | 'peer start --exclude' | 'peer restart --match' | 'peer restart --exclude')
            place='peers'
            ;;
        'peer stop --type' | 'peer start --type' | 'peer restart --type')
            place='ap lap'
            ;;
        'peer wait --for')
            place='running stopped'
            ;;
        'completion install --shell')
            place='bash zsh fish'
            ;;
    esac
}

complete -F _cdpctl cdpctl
