# Completion of cdpctl for bash 3.2 and newer; printed by `cdpctl completion bash`.
# It starts no process. Peers come from the list of the last read of the grid, and profiles from the configuration.

# Split the line up to the cursor as bash does. _words are the words before the one at the cursor, _word is that
# one without its quotes, _raw is the same as typed, and _before is the part of it before an open quote.
_cdpctl_split() {
    local line=${COMP_LINE-} char next begun='' index
    line=${line:0:${COMP_POINT-${#line}}}
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

# Offer the words from $2 on that begin with what was typed. $1 comes before them in the same word.
_cdpctl_offer() {
    local prefix=$1 typed=${_word#"$1"} cut='' each part
    shift
    if [[ $_quote ]]; then
        # Readline replaces the text after the open quote, and closes the quote.
        cut=$_before
    else
        # Readline replaces only the text after its last word break.
        for part in = : @; do
            if [[ ${COMP_WORDBREAKS-} == *"$part"* && $_raw == *"$part"* ]]; then
                part=${_raw%"$part"*}$part
                ((${#part} > ${#cut})) && cut=$part
            fi
        done
    fi
    local IFS=/ named='' odd=''
    local all="/$*/"
    [[ ! $_quote && $all == *[!A-Za-z0-9_./:=@%+,-]* ]] && odd=1
    for each in ${_given[@]+"${_given[@]}"}; do
        # Do not offer a peer that was already typed. Names of peers contain no slash.
        [[ $all == *"/$each/"* ]] && named+=/$each/
    done
    # There may be thousands of words, so do as little as possible for each.
    if [[ $odd$prefix$cut ]]; then
        for each; do
            [[ $each == "$typed"* && $named != *"/$each/"* ]] || continue
            [[ $odd && $each == *[!A-Za-z0-9_./:=@%+,-]* ]] && printf -v each %q "$each"
            each=$prefix$each
            COMPREPLY+=("${each#"$cut"}")
        done
    elif [[ $typed$named ]]; then
        for each; do
            [[ $each == "$typed"* && $named != *"/$each/"* ]] && COMPREPLY+=("$each")
        done
    else
        COMPREPLY+=("$@")
    fi
    return 0
}

# Offer the words of a list ($2), separated by blanks. The shell does not split it, because that depends on
# the user's settings (failglob, noglob).
_cdpctl_offer_list() {
    local rest=$2
    while [[ $rest ]]; do
        _cdpctl_offer "$1" "${rest%% *}"
        [[ $rest == *' '* ]] || break
        rest=${rest#* }
    done
    return 0
}

_cdpctl_files() {
    # If there are no words, readline completes files.
    compopt -o default -o filenames 2>/dev/null && return 0
    local each
    while IFS= read -r each; do COMPREPLY+=("$each"); done < <(compgen -f -- "${_word#"$1"}")
    return 0
}

# Read the user's configuration and the machine's into _profiles and _default, the default profile.
_cdpctl_configuration() {
    local file line name
    local quoted='[[:space:]]*("([^"]+)"|'"'([^']+)'"'|([A-Za-z0-9_-]+))[[:space:]]*'
    local header="^[[:space:]]*\\[?[[:space:]]*profiles[[:space:]]*\\.${quoted}[].]"
    local default='^[[:space:]]*default_profile[[:space:]]*=[[:space:]]*["'\'']([^"'\'']*)'
    _profiles=() _default=''
    for file in "$_config" /etc/cdpctl/config.toml; do
        [[ -f $file && -r $file ]] || continue
        while IFS= read -r line || [[ $line ]]; do
            if [[ $line =~ $header ]]; then
                name=${BASH_REMATCH[2]}${BASH_REMATCH[3]}${BASH_REMATCH[4]}
                # A profile can have several tables.
                [[ " ${_profiles[*]-} " == *" $name "* ]] || _profiles+=("$name")
            elif [[ ! $_default && $line =~ $default ]]; then
                _default=${BASH_REMATCH[1]}
            fi
        done 2>/dev/null <"$file"
    done
    [[ ! $_default && ${#_profiles[@]} -eq 1 ]] && _default=${_profiles[0]}
    return 0
}

# Find the user's configuration (_config), and the folder of the lists of peers (_lists).
_cdpctl_places() {
    local home=${HOME-}
    if [[ ${CDPCTL_CONFIG-} ]]; then
        _config=$CDPCTL_CONFIG
        [[ $_config == '~/'* ]] && _config=$home/${_config#'~/'}
        _lists=$_config.peers
        return 0
    fi
    case ${OSTYPE-} in
        darwin*)
            _config="$home/Library/Application Support/cdpctl/config.toml"
            _lists=$home/Library/Caches/cdpctl/peers
            ;;
        msys* | cygwin*)
            _config=${LOCALAPPDATA-}/cdpctl/config.toml
            _lists=${LOCALAPPDATA-}/cdpctl/Cache/peers
            ;;
        *)
            _config=$home/.config/cdpctl/config.toml
            [[ ${XDG_CONFIG_HOME-} == /* ]] && _config=$XDG_CONFIG_HOME/cdpctl/config.toml
            _lists=$home/.cache/cdpctl/peers
            ;;
    esac
    [[ ${XDG_CACHE_HOME-} == /* ]] && _lists=$XDG_CACHE_HOME/cdpctl/peers
    return 0
}

# Find the value of an option in the words before the cursor. $1 is its long name, $2 its short one. Sets _found.
_cdpctl_given() {
    local index
    _found=''
    for ((index = 1; index < ${#_words[@]}; index++)); do
        case ${_words[index]} in
            --) break ;;
            "$1" | "$2") index=$((index + 1)) _found=${_words[index]-} ;;
            "$1"=*) _found=${_words[index]#*=} ;;
            "$2"?*) [[ ! $2 ]] || _found=${_words[index]#"$2"} ;;
        esac
    done
    return 0
}

# Offer the peers of the last read of the profile's grid. $1 comes before them in the same word.
_cdpctl_peers() {
    local _found _default key file stamp now='' each
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
    file=$_lists/$key
    [[ -f $file && -r $file ]] || return 0
    {
        # The first line is the time of the list. A list older than a month is not used.
        IFS= read -r stamp <"$file" || return 0
        if ((BASH_VERSINFO[0] >= 4)); then
            mapfile -t -s 1 names <"$file"
        else
            while IFS= read -r each || [[ $each ]]; do names+=("$each"); done <"$file"
            names=("${names[@]:1}")
        fi
    } 2>/dev/null
    [[ $stamp == '# '* ]] || return 0
    stamp=${stamp#\# }
    printf -v now '%(%s)T' -1 2>/dev/null || now=$stamp
    [[ $stamp && $stamp != *[!0-9]* ]] && ((now - 10#$stamp < _cdpctl_month)) || return 0
    _given=(${_words[@]+"${_words[@]}"})
    _cdpctl_offer "$1" ${names[@]+"${names[@]}"}
}

# Offer the values of kind $1. $2 comes before them in the same word.
_cdpctl_values() {
    local _default
    local -a _profiles=()
    case $1 in
        peers) _cdpctl_peers "$2" ;;
        files) _cdpctl_files "$2" ;;
        profiles)
            _cdpctl_configuration
            _cdpctl_offer "$2" ${_profiles[@]+"${_profiles[@]}"}
            ;;
        commands)
            local commands flags valued places
            _cdpctl_command ''
            _cdpctl_offer_list "$2" "$commands"
            ;;
        settings)
            local place
            # The setting comes right before its value.
            _cdpctl_setting "${_words[${#_words[@]} - 1]}"
            _cdpctl_values "$place" "$2"
            ;;
        nothing | '') ;;
        *)
            _cdpctl_offer_list "$2" "$1"
            ;;
    esac
}

_cdpctl_complete() {
    local IFS=$' \t\n' _config _lists _word _raw _quote _before _cdpctl_month=2592000
    local path='' index each commands flags valued places place='' count=0 option='' ended=''
    local -a _words=() _given=()
    _cdpctl_split
    _cdpctl_places
    _cdpctl_command ''
    for ((index = 1; index < ${#_words[@]}; index++)); do
        each=${_words[index]}
        if [[ $option ]]; then
            option=''
        elif [[ $path == 'sandbox run' && ($each == -- || $ended) ]]; then
            # Another command line follows, of cdpctl or of a program.
            [[ $ended ]] || { ended=1; continue; }
            [[ $each == cdpctl ]] && index=$((index + 1))
            _words=(cdpctl "${_words[@]:index}")
            index=0 path='' count=0 ended=''
            _cdpctl_command ''
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
            _cdpctl_command "$path"
        else
            count=$((count + 1))
        fi
    done
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
        _cdpctl_offer_list '' "$flags"
        _cdpctl_offer_list '' "$valued"
    elif [[ $commands ]]; then
        _cdpctl_offer_list '' "$commands"
    else
        # The last argument takes all words that follow.
        place=$places
        while ((count > 0)) && [[ $place == *'|'* ]]; do
            place=${place#*'|'} count=$((count - 1))
        done
        place=${place%%'|'*}
        if [[ $place ]]; then
            _cdpctl_values "$place" ''
        elif [[ ! $ended ]]; then
            _cdpctl_offer_list '' "$flags"
            _cdpctl_offer_list '' "$valued"
        fi
    fi
    return 0
}

# Called by TAB. It always succeeds, because with `set -e` a failure would end the user's shell.
_cdpctl() {
    COMPREPLY=()
    _cdpctl_complete || return 0
}

# What a command ($1) takes.
_cdpctl_command() {
    commands='' places=''
    flags='--no-headers --no-color --quiet -q --verbose -v --no-input --help -h'
    valued='--profile -p --output -o --fields'
    case $1 in
        '')
            commands='login logout status config peer doctor api completion ansible sandbox help'
            flags+=' --insecure-skip-verify --insecure-http --version -V'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'login')
            flags+=' --password-stdin --save-password --insecure-skip-verify --insecure-http'
            valued+=' --username --password-file --token-store --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='nothing'
            ;;
        'logout')
            flags+=' --all --insecure-skip-verify --insecure-http'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'status')
            flags+=' --insecure-skip-verify --insecure-http --all-profiles'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'config')
            commands='list get set unset path profiles use remove'
            ;;
        'config list')
            ;;
        'config get')
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
            ;;
        'config set')
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output|settings'
            ;;
        'config unset')
            places='url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
            ;;
        'config path')
            ;;
        'config profiles')
            ;;
        'config use')
            places='profiles'
            ;;
        'config remove')
            places='profiles'
            ;;
        'peer')
            commands='list show stop start restart update delete check wait'
            flags+=' --insecure-skip-verify --insecure-http'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'peer list')
            flags+=' --all --watch -w --insecure-skip-verify --insecure-http --all-profiles'
            valued+=' --type --match --status --not-status --group --from-file --exclude --sort-by --interval --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'peer show')
            flags+=' --insecure-skip-verify --insecure-http'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer stop')
            flags+=' --all --wait --no-wait --each --strict --fail-fast --dry-run --yes -y --no-preflight --insecure-skip-verify --insecure-http'
            valued+=' --type --match --status --not-status --group --from-file --exclude --interval --parallel --output-failed --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer start')
            flags+=' --all --wait --no-wait --each --strict --fail-fast --dry-run --yes -y --no-preflight --insecure-skip-verify --insecure-http'
            valued+=' --type --match --status --not-status --group --from-file --exclude --interval --parallel --output-failed --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer restart')
            flags+=' --all --wait --each --strict --fail-fast --dry-run --yes -y --no-preflight --start-stopped --insecure-skip-verify --insecure-http'
            valued+=' --type --match --status --not-status --group --from-file --exclude --interval --parallel --output-failed --batch --batch-timeout --max-failures --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer update')
            flags+=' --all --wait --no-wait --strict --dry-run --yes -y --insecure-skip-verify --insecure-http'
            valued+=' --type --match --status --not-status --group --from-file --exclude --interval --output-failed --description --log-level --metrics-sync --workflow-server --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer delete')
            flags+=' --wait --no-wait --strict --dry-run --yes -y --force --fail-fast --insecure-skip-verify --insecure-http'
            valued+=' --interval --output-failed --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer check')
            flags+=' --all --insecure-skip-verify --insecure-http --all-profiles'
            valued+=' --type --match --status --not-status --group --from-file --exclude --expect --openmetrics --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'peer wait')
            flags+=' --all --insecure-skip-verify --insecure-http'
            valued+=' --type --match --status --not-status --group --from-file --exclude --for --interval --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='peers'
            ;;
        'doctor')
            flags+=' --insecure-skip-verify --insecure-http --all-profiles'
            valued+=' --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            ;;
        'api')
            flags+=' --yes -y --insecure-skip-verify --insecure-http'
            valued+=' --body --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout'
            places='GET POST PUT DELETE|/info/peer /peer /peer/stop /peer/start'
            ;;
        'completion')
            commands='bash zsh fish install'
            ;;
        'completion bash')
            ;;
        'completion zsh')
            ;;
        'completion fish')
            ;;
        'completion install')
            valued+=' --shell'
            ;;
        'ansible')
            commands='path'
            ;;
        'ansible path')
            ;;
        'sandbox')
            commands='serve run'
            ;;
        'sandbox serve')
            flags+=' --tls --standby --chunked'
            valued+=' --peers --stop-after --start-after --change-after --fault --latency --accepted --reads --idle --max-session --operator --port'
            ;;
        'sandbox run')
            flags+=' --tls --standby --chunked'
            valued+=' --peers --stop-after --start-after --change-after --fault --latency --accepted --reads --idle --max-session --operator'
            places='commands'
            ;;
        'help')
            flags+=' --schema'
            places='exit-codes environment output ansible login logout status config peer doctor api completion ansible sandbox help'
            ;;
    esac
}

# What can stand after an option ($2) of a command ($1).
_cdpctl_option() {
    place=''
    case "$1 $2" in
        *' --profile' | *' -p')
            place='profiles'
            ;;
        *' --ca-bundle' | *' --client-cert' | *' --client-key' | 'login --password-file' | 'peer list --from-file' | 'peer stop --from-file' | 'peer stop --output-failed' | 'peer start --from-file' | 'peer start --output-failed' | 'peer restart --from-file' | 'peer restart --output-failed' | 'peer update --from-file' | 'peer update --output-failed' | 'peer delete --output-failed' | 'peer check --from-file' | 'peer check --openmetrics' | 'peer wait --from-file' | 'api --body' | 'sandbox serve --peers' | 'sandbox run --peers')
            place='files'
            ;;
        *' --output' | *' -o')
            place='table tsv json jsonl name'
            ;;
        'login --token-store')
            place='auto keyring file none'
            ;;
        'peer list --type' | 'peer check --type')
            place='cdp ha-cdp ap lap'
            ;;
        'peer list --match' | 'peer list --exclude' | 'peer stop --match' | 'peer stop --exclude' | 'peer start --match' | 'peer start --exclude' | 'peer restart --match' | 'peer restart --exclude' | 'peer update --match' | 'peer update --exclude' | 'peer check --match' | 'peer check --exclude' | 'peer wait --match' | 'peer wait --exclude')
            place='peers'
            ;;
        'peer list --status' | 'peer stop --status' | 'peer start --status' | 'peer restart --status' | 'peer update --status' | 'peer check --status' | 'peer wait --status')
            place='RUNNING STOPPED'
            ;;
        'peer stop --type' | 'peer start --type' | 'peer restart --type' | 'peer update --type' | 'peer wait --type')
            place='ap lap'
            ;;
        'peer update --log-level')
            place='Adapters=WARN Adapters=DEBUG Adapters=OFF Adapters=INFO Adapters=ERROR Configuration=WARN Configuration=DEBUG Configuration=OFF Configuration=INFO Configuration=ERROR Context=WARN Context=DEBUG Context=OFF Context=INFO Context=ERROR Health=WARN Health=DEBUG Health=OFF Health=INFO Health=ERROR Metrics=WARN Metrics=DEBUG Metrics=OFF Metrics=INFO Metrics=ERROR Scheduler=WARN Scheduler=DEBUG Scheduler=OFF Scheduler=INFO Scheduler=ERROR'
            ;;
        'peer update --metrics-sync' | 'peer update --workflow-server')
            place='on off'
            ;;
        'peer check --expect' | 'peer wait --for')
            place='running stopped'
            ;;
        'completion install --shell')
            place='bash zsh fish'
            ;;
    esac
}

# What can be the value of a setting ($1).
_cdpctl_setting() {
    place=''
    case $1 in
        ca_bundle | client_cert | client_key | token_file) place='files' ;;
        verify | insecure_http | protected) place='true false' ;;
        token_store) place='auto keyring file none' ;;
        audit) place='syslog' ;;
        output) place='table tsv json jsonl name' ;;
    esac
}

complete -F _cdpctl cdpctl
