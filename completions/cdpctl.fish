# Completion of cdpctl for fish 3.1 and newer; printed by `cdpctl completion fish`.
# It starts no process. Peers come from the list of the last read of the grid, and profiles from the configuration.

# The words on the line so far, without options and their values; behind `sandbox run --`, those of the nested
# command line without cdpctl's own name.
function __cdpctl_path
    set -l skip 0
    set -l path
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $__cdpctl_valued
            set skip 1
        else if test "$word" = --
            test "$path" = 'sandbox run'; or break
            set path
        else if not string match -q -r -- '^-.' $word
            set -a path $word
        end
    end
    test "$path[1]" = cdpctl; and set -e path[1]
    string join -- \n $path
    return 0
end

# Whether the command line behind `sandbox run --` is that of another program.
function __cdpctl_foreign
    set -l path (__cdpctl_path)
    contains -- -- (commandline -opc); and set -q path[1]; and not contains -- $path[1] $__cdpctl_commands
end

# Whether the words before the cursor are exactly these.
function __cdpctl_at
    set -l path (__cdpctl_path)
    test "$path" = "$argv"
end

# Whether the words before the cursor begin with these.
function __cdpctl_in
    set -l path (__cdpctl_path)
    set -l count (count $argv)
    test (count $path) -ge $count; and test "$path[1..$count]" = "$argv"
end

# Whether exactly $argv[1] words follow the command $argv[2..-1].
function __cdpctl_place
    set -l path (__cdpctl_path)
    set -l count (math (count $argv) - 1 + $argv[1])
    __cdpctl_in $argv[2..-1]; and test (count $path) -eq $count
end

# Search the user's configuration and the machine's for a pattern ($argv[1]), and print its groups as $argv[2].
function __cdpctl_configuration
    set -l file $HOME/.config/cdpctl/config.toml
    if test -n "$CDPCTL_CONFIG"
        set file (string replace -r '^~/' "$HOME/" -- $CDPCTL_CONFIG)
    else if string match -q '/*' -- $XDG_CONFIG_HOME
        set file $XDG_CONFIG_HOME/cdpctl/config.toml
    else if test -d "$HOME/Library/Application Support/cdpctl"
        set file "$HOME/Library/Application Support/cdpctl/config.toml"
    end
    for each in $file /etc/cdpctl/config.toml
        test -f "$each"; and test -r "$each"; and string replace -r -f $argv[1] $argv[2] <$each
    end
end

function __cdpctl_profiles
    set -l seen
    for name in (__cdpctl_configuration '^\s*\[?\s*profiles\s*\.\s*(?|"([^"]+)"|\'([^\']+)\'|([\w-]+))\s*[].].*' '$1')
        # A profile can have several tables.
        contains -- $name $seen; or set -a seen $name
    end
    string join -- \n $seen
end

# The value of an option. $argv[1] is its long name, $argv[2] its short one.
function __cdpctl_given
    set -l words (commandline -opc)
    set -l found
    set -l next 0
    for word in $words[2..-1]
        if test $next = 1
            set found $word
            set next 0
        else if test "$word" = --
            break
        else if contains -- $word $argv
            set next 1
        else if string match -q -- "$argv[1]=*" $word
            set found (string replace -- "$argv[1]=" '' $word)
        else if set -q argv[2]; and string match -q -r -- "^$argv[2]." $word
            set found (string replace -- $argv[2] '' $word)
        end
    end
    echo $found
end

# The peers of the last read of the profile's grid.
function __cdpctl_peers
    set -l key (__cdpctl_given --url)
    test -n "$key"; or set key $CDPCTL_URL
    if test -n "$key"
        set key @(string replace -a -r '[^A-Za-z0-9._-]' _ -- $key)
    else
        set key (__cdpctl_given --profile -p)
        test -n "$key"; or set key $CDPCTL_PROFILE
        test -n "$key"; or set key (__cdpctl_configuration '^\s*default_profile\s*=\s*["\']([^"\']*).*' '$1')[1]
        if test -z "$key"
            set key (__cdpctl_profiles)
            test (count $key) = 1; or set key default
        end
        string match -q -r '^[A-Za-z0-9._-]+$' -- $key; or return 0
    end
    set -l folder $HOME/.cache/cdpctl/peers
    if test -n "$CDPCTL_CONFIG"
        set folder (string replace -r '^~/' "$HOME/" -- $CDPCTL_CONFIG).peers
    else if string match -q '/*' -- $XDG_CACHE_HOME
        set folder $XDG_CACHE_HOME/cdpctl/peers
    else if test -d $HOME/Library/Caches
        set folder $HOME/Library/Caches/cdpctl/peers
    end
    test -f $folder/$key; and test -r $folder/$key; or return 0
    # A list older than a month is not used. `path` needs fish 3.6.
    if builtin -n | string match -q path; and test "$(path mtime -R -- $folder/$key)" -gt 2592000
        return 0
    end
    set -l names (string match -v '#*' <$folder/$key)
    # Do not offer a peer that was already typed.
    for name in (__cdpctl_path)
        set -l index (contains -i -- $name $names); and set -e names[$index]
    end
    string join -- \n $names
end

set -g __cdpctl_valued --profile -p --url --ca-bundle --client-cert --client-key --proxy --timeout --connect-timeout --read-timeout --output -o --fields --username --password-file --token-store --type --match --status --not-status --group --from-file --exclude --sort-by --interval --parallel --output-failed --batch --batch-timeout --max-failures --description --log-level --metrics-sync --workflow-server --expect --openmetrics --for --body --shell --peers --stop-after --start-after --change-after --fault --latency --accepted --reads --idle --max-session --operator --port
set -g __cdpctl_commands login logout status config peer doctor api completion ansible sandbox help

complete -c cdpctl -f
complete -c cdpctl -n __cdpctl_foreign -F
complete -c cdpctl -n '__cdpctl_at' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_at' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_at' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_at' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_at' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_at' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_at' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_at' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_at' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_at' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_at' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at' -l version -s V -d 'Show the version and exit.'
complete -c cdpctl -n '__cdpctl_at' -a login -d 'Log in to a CDP, and store the session\'s token and a profile for it.'
complete -c cdpctl -n '__cdpctl_at' -a logout -d 'End the session on the CDP, and remove the stored token and password.'
complete -c cdpctl -n '__cdpctl_at' -a status -d 'Show the profile, the CDP, the user and the token source, and check the CDP and the token.'
complete -c cdpctl -n '__cdpctl_at' -a config -d 'See and change profiles and their settings.'
complete -c cdpctl -n '__cdpctl_at' -a peer -d 'List, watch, stop, start, restart, update and delete peers.'
complete -c cdpctl -n '__cdpctl_at' -a doctor -d 'Check everything that commands need, and show how to fix what is missing.'
complete -c cdpctl -n '__cdpctl_at' -a api -d 'Make one raw call to the REST API.'
complete -c cdpctl -n '__cdpctl_at' -a completion -d 'Print or install the completion script of a shell.'
complete -c cdpctl -n '__cdpctl_at' -a ansible -d 'Use cdpctl from Ansible.'
complete -c cdpctl -n '__cdpctl_at' -a sandbox -d 'Run an embedded grid on this machine, to try things out.'
complete -c cdpctl -n '__cdpctl_at' -a help -d 'Show help on a command or a topic.'
complete -c cdpctl -n '__cdpctl_in login' -l username -d 'User to log in as.' -x
complete -c cdpctl -n '__cdpctl_in login' -l password-stdin -d 'Read the password from standard input.'
complete -c cdpctl -n '__cdpctl_in login' -l password-file -d 'Read the password from a file.' -r -F
complete -c cdpctl -n '__cdpctl_in login' -l save-password -d 'Store the password in the keyring too.'
complete -c cdpctl -n '__cdpctl_in login' -l token-store -d 'Where to store the token: auto, keyring, file or none (default auto).' -x -a 'auto keyring file none'
complete -c cdpctl -n '__cdpctl_in login' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in login' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in login' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in login' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in login' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in login' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in login' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in login' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in login' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in login' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in logout' -l all -d 'Log out of every profile.'
complete -c cdpctl -n '__cdpctl_in logout' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in logout' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in logout' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in logout' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in logout' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in logout' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in logout' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in logout' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 10s for each session).' -x
complete -c cdpctl -n '__cdpctl_in logout' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in logout' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in status' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in status' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in status' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in status' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in status' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in status' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in status' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in status' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in status' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in status' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in status' -l all-profiles -d 'Read the grids of all profiles.'
complete -c cdpctl -n '__cdpctl_at config' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at config' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at config' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at config' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at config' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at config' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at config' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at config' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at config' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at config' -a list -d 'List the settings of the current profile and their sources.'
complete -c cdpctl -n '__cdpctl_at config' -a get -d 'Print one setting of the current profile.'
complete -c cdpctl -n '__cdpctl_at config' -a set -d 'Set one setting of the current profile, creating the profile if needed.'
complete -c cdpctl -n '__cdpctl_at config' -a unset -d 'Remove a setting from the current profile, even an invalid one.'
complete -c cdpctl -n '__cdpctl_at config' -a path -d 'Print the path of your configuration file, whether it exists or not.'
complete -c cdpctl -n '__cdpctl_at config' -a profiles -d 'List the profiles.'
complete -c cdpctl -n '__cdpctl_at config' -a use -d 'Make a profile the default.'
complete -c cdpctl -n '__cdpctl_at config' -a remove -d 'Remove a profile with its stored token and password.'
complete -c cdpctl -n '__cdpctl_place 0 config get' -a 'url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
complete -c cdpctl -n '__cdpctl_place 0 config set' -a 'url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
complete -c cdpctl -n '__cdpctl_at config set ca_bundle' -F
complete -c cdpctl -n '__cdpctl_at config set client_cert' -F
complete -c cdpctl -n '__cdpctl_at config set client_key' -F
complete -c cdpctl -n '__cdpctl_at config set verify' -a 'true false'
complete -c cdpctl -n '__cdpctl_at config set insecure_http' -a 'true false'
complete -c cdpctl -n '__cdpctl_at config set token_store' -a 'auto keyring file none'
complete -c cdpctl -n '__cdpctl_at config set token_file' -F
complete -c cdpctl -n '__cdpctl_at config set protected' -a 'true false'
complete -c cdpctl -n '__cdpctl_at config set audit' -a 'syslog'
complete -c cdpctl -n '__cdpctl_at config set output' -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_place 0 config unset' -a 'url standby_url username ca_bundle client_cert client_key verify proxy insecure_http token_store password_command token_file protected audit groups timeout connect_timeout read_timeout output'
complete -c cdpctl -n '__cdpctl_place 0 config use' -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_place 0 config remove' -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at peer' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at peer' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_at peer' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_at peer' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_at peer' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_at peer' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_at peer' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_at peer' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_at peer' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_at peer' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_at peer' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_at peer' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at peer' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at peer' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at peer' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at peer' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at peer' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at peer' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at peer' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at peer' -a list -d 'List the peers of the grid.'
complete -c cdpctl -n '__cdpctl_at peer' -a show -d 'Show one peer: its state, components, adapters and logging.'
complete -c cdpctl -n '__cdpctl_at peer' -a stop -d 'Stop peers.'
complete -c cdpctl -n '__cdpctl_at peer' -a start -d 'Start peers.'
complete -c cdpctl -n '__cdpctl_at peer' -a restart -d 'Stop and start peers, a few at a time, and confirm each step.'
complete -c cdpctl -n '__cdpctl_at peer' -a update -d 'Change the description, log levels and roles of peers.'
complete -c cdpctl -n '__cdpctl_at peer' -a delete -d 'Delete peers from the grid. This cannot be undone.'
complete -c cdpctl -n '__cdpctl_at peer' -a check -d 'Check whether peers are as expected and answer as a monitoring plugin.'
complete -c cdpctl -n '__cdpctl_at peer' -a wait -d 'Wait until peers are running or stopped.'
complete -c cdpctl -n '__cdpctl_in peer list' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'cdp ha-cdp ap lap'
complete -c cdpctl -n '__cdpctl_in peer list' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer list' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer list' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer list' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer list' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer list' -l sort-by -d 'Sort by FIELD (default: as listed).' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l watch -s w -d 'Keep checking until Ctrl-C.'
complete -c cdpctl -n '__cdpctl_in peer list' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer list' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer list' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer list' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer list' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer list' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s, or none with --watch).' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer list' -l all-profiles -d 'Read the grids of all profiles.'
complete -c cdpctl -n '__cdpctl_in peer show' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer show' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer show' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer show' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer show' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer show' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer show' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer show' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in peer show' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer show' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_place 0 peer show' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer stop' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'ap lap'
complete -c cdpctl -n '__cdpctl_in peer stop' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer stop' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer stop' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer stop' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer stop' -l wait -d 'Wait until each peer is STOPPED, up to --timeout (default --no-wait).'
complete -c cdpctl -n '__cdpctl_in peer stop' -l no-wait -d 'The opposite of --wait.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l each -d 'One call per peer instead of one for all.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l parallel -d 'With --each: calls in parallel, 1 to 64 (default 8).' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l strict -d 'Send nothing unless every peer can be changed.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l fail-fast -d 'Send nothing more after the first failure.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l dry-run -d 'Show what would be sent and send nothing.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l no-preflight -d 'Send without reading the grid first, even if a CDP is named.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l output-failed -d 'Write the names of peers that are not ok to FILE, for --from-file.' -r -F
complete -c cdpctl -n '__cdpctl_in peer stop' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer stop' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer stop' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer stop' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer stop' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s, or 10m with --wait).' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer stop' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer start' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'ap lap'
complete -c cdpctl -n '__cdpctl_in peer start' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer start' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer start' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer start' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer start' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer start' -l wait -d 'Wait until each peer is RUNNING, up to --timeout (default --no-wait).'
complete -c cdpctl -n '__cdpctl_in peer start' -l no-wait -d 'The opposite of --wait.'
complete -c cdpctl -n '__cdpctl_in peer start' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l each -d 'One call per peer instead of one for all.'
complete -c cdpctl -n '__cdpctl_in peer start' -l parallel -d 'With --each: calls in parallel, 1 to 64 (default 8).' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l strict -d 'Send nothing unless every peer can be changed.'
complete -c cdpctl -n '__cdpctl_in peer start' -l fail-fast -d 'Send nothing more after the first failure.'
complete -c cdpctl -n '__cdpctl_in peer start' -l dry-run -d 'Show what would be sent and send nothing.'
complete -c cdpctl -n '__cdpctl_in peer start' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in peer start' -l no-preflight -d 'Send without reading the grid first, even if a CDP is named.'
complete -c cdpctl -n '__cdpctl_in peer start' -l output-failed -d 'Write the names of peers that are not ok to FILE, for --from-file.' -r -F
complete -c cdpctl -n '__cdpctl_in peer start' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer start' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer start' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer start' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer start' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer start' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s, or 10m with --wait).' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer start' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer start' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer restart' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'ap lap'
complete -c cdpctl -n '__cdpctl_in peer restart' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer restart' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer restart' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer restart' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer restart' -l wait -d 'Wait for each step, as a restart always does.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l each -d 'One call per peer instead of one for all.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l parallel -d 'With --each: calls in parallel, 1 to 64 (default 8).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l strict -d 'Send nothing unless every peer can be changed.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l fail-fast -d 'Send nothing more after the first failure.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l dry-run -d 'Show what would be sent and send nothing.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l no-preflight -d 'Send without reading the grid first, even if a CDP is named.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l output-failed -d 'Write the names of peers that are not ok to FILE, for --from-file.' -r -F
complete -c cdpctl -n '__cdpctl_in peer restart' -l batch -d 'Peers to restart at a time (default 1).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l batch-timeout -d 'Time for the stop and start of a batch (default 10m).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l max-failures -d 'Failures to tolerate (default 0).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l start-stopped -d 'With a selection: start peers that are stopped, too.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer restart' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer restart' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer restart' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer restart' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default none; see --batch-timeout).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer restart' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer update' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'ap lap'
complete -c cdpctl -n '__cdpctl_in peer update' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer update' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer update' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer update' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer update' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer update' -l wait -d 'Wait until the grid shows the change, up to --timeout (default --wait, 30s).'
complete -c cdpctl -n '__cdpctl_in peer update' -l no-wait -d 'The opposite of --wait.'
complete -c cdpctl -n '__cdpctl_in peer update' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l strict -d 'Send nothing unless every peer can be changed.'
complete -c cdpctl -n '__cdpctl_in peer update' -l dry-run -d 'Show what would be sent and send nothing.'
complete -c cdpctl -n '__cdpctl_in peer update' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in peer update' -l output-failed -d 'Write the names of peers that are not ok to FILE, for --from-file.' -r -F
complete -c cdpctl -n '__cdpctl_in peer update' -l description -d 'Set the description to T.' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l log-level -d 'Set the log level of a component: WARN, DEBUG, OFF, INFO or ERROR.' -x -a 'Adapters=WARN Adapters=DEBUG Adapters=OFF Adapters=INFO Adapters=ERROR Configuration=WARN Configuration=DEBUG Configuration=OFF Configuration=INFO Configuration=ERROR Context=WARN Context=DEBUG Context=OFF Context=INFO Context=ERROR Health=WARN Health=DEBUG Health=OFF Health=INFO Health=ERROR Metrics=WARN Metrics=DEBUG Metrics=OFF Metrics=INFO Metrics=ERROR Scheduler=WARN Scheduler=DEBUG Scheduler=OFF Scheduler=INFO Scheduler=ERROR'
complete -c cdpctl -n '__cdpctl_in peer update' -l metrics-sync -d 'Make peers metrics sync points or not.' -x -a 'on off'
complete -c cdpctl -n '__cdpctl_in peer update' -l workflow-server -d 'Make peers workflow servers or not.' -x -a 'on off'
complete -c cdpctl -n '__cdpctl_in peer update' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer update' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer update' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer update' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer update' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer update' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 30s, or 60s with --no-wait).' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer update' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer update' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer delete' -l wait -d 'Wait until the grid shows the change, up to --timeout (default --wait, 30s).'
complete -c cdpctl -n '__cdpctl_in peer delete' -l no-wait -d 'The opposite of --wait.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -l strict -d 'Send nothing unless every peer can be changed.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l dry-run -d 'Show what would be sent and send nothing.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l output-failed -d 'Write the names of peers that are not ok to FILE, for --from-file.' -r -F
complete -c cdpctl -n '__cdpctl_in peer delete' -l force -d 'Also delete peers that are not stopped.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l fail-fast -d 'Send nothing more after the first failure.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer delete' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer delete' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer delete' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer delete' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 30s, or 60s with --no-wait).' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer delete' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer check' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'cdp ha-cdp ap lap'
complete -c cdpctl -n '__cdpctl_in peer check' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer check' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer check' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer check' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer check' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer check' -l expect -d 'State that the peers should have (default running).' -x -a 'running stopped'
complete -c cdpctl -n '__cdpctl_in peer check' -l openmetrics -d 'Also write metrics to FILE, for node_exporter\'s textfile collector.' -r -F
complete -c cdpctl -n '__cdpctl_in peer check' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer check' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer check' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer check' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer check' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer check' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer check' -l all-profiles -d 'Read the grids of all profiles.'
complete -c cdpctl -n '__cdpctl_in peer check' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer wait' -l type -d 'Only these types: ap, lap, and for reads cdp, ha-cdp.' -x -a 'ap lap'
complete -c cdpctl -n '__cdpctl_in peer wait' -l match -d 'Only peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer wait' -l status -d 'Only peers with this status, such as RUNNING.' -x -a 'RUNNING STOPPED'
complete -c cdpctl -n '__cdpctl_in peer wait' -l not-status -d 'Only peers without this status.' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l group -d 'Only peers of this group of the profile.' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l all -d 'Select every AP and LAP.'
complete -c cdpctl -n '__cdpctl_in peer wait' -l from-file -d 'Read names from FILE, one per line, or from the JSON of a list or of an operation (its peers that are not ok).' -r -F
complete -c cdpctl -n '__cdpctl_in peer wait' -l exclude -d 'Leave out peers whose name matches GLOB.' -x -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in peer wait' -l for -d 'State to wait for; required.' -x -a 'running stopped'
complete -c cdpctl -n '__cdpctl_in peer wait' -l interval -d 'Time between checks (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in peer wait' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in peer wait' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in peer wait' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in peer wait' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in peer wait' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 10m).' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in peer wait' -a '(__cdpctl_peers)'
complete -c cdpctl -n '__cdpctl_in doctor' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in doctor' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in doctor' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in doctor' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in doctor' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in doctor' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in doctor' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in doctor' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in doctor' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in doctor' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_in doctor' -l all-profiles -d 'Read the grids of all profiles.'
complete -c cdpctl -n '__cdpctl_in api' -l body -d 'Request body to send.' -r -F
complete -c cdpctl -n '__cdpctl_in api' -l yes -s y -d 'Do not ask for confirmation.'
complete -c cdpctl -n '__cdpctl_in api' -l url -d 'URL of the CDP; a host name is enough.' -x
complete -c cdpctl -n '__cdpctl_in api' -l ca-bundle -d 'PEM file of the CAs to trust for this CDP.' -r -F
complete -c cdpctl -n '__cdpctl_in api' -l client-cert -d 'PEM file of the client certificate.' -r -F
complete -c cdpctl -n '__cdpctl_in api' -l client-key -d 'PEM file of the client certificate\'s key.' -r -F
complete -c cdpctl -n '__cdpctl_in api' -l insecure-skip-verify -d 'Do not verify the server certificate; prefer --ca-bundle.'
complete -c cdpctl -n '__cdpctl_in api' -l proxy -d 'Proxy to reach the CDP through; an empty value means none.' -x
complete -c cdpctl -n '__cdpctl_in api' -l insecure-http -d 'Allow http:// to other machines, which exposes password and token.'
complete -c cdpctl -n '__cdpctl_in api' -l timeout -d 'Deadline for the whole run, such as 90s or 5m (default 60s).' -x
complete -c cdpctl -n '__cdpctl_in api' -l connect-timeout -d 'Time to wait for a connection (default 10s).' -x
complete -c cdpctl -n '__cdpctl_in api' -l read-timeout -d 'Time to wait for each part of a response (default 30s).' -x
complete -c cdpctl -n '__cdpctl_place 0 api' -a 'GET POST PUT DELETE'
complete -c cdpctl -n '__cdpctl_place 1 api' -a '/info/peer /peer /peer/stop /peer/start'
complete -c cdpctl -n '__cdpctl_at completion' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at completion' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at completion' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at completion' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at completion' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at completion' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at completion' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at completion' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at completion' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at completion' -a bash -d 'Print the completion script for bash.'
complete -c cdpctl -n '__cdpctl_at completion' -a zsh -d 'Print the completion script for zsh.'
complete -c cdpctl -n '__cdpctl_at completion' -a fish -d 'Print the completion script for fish.'
complete -c cdpctl -n '__cdpctl_at completion' -a install -d 'Install the completion script for your shell.'
complete -c cdpctl -n '__cdpctl_in completion install' -l shell -d 'Shell to install for (default: the one in $SHELL).' -x -a 'bash zsh fish'
complete -c cdpctl -n '__cdpctl_at ansible' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at ansible' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at ansible' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at ansible' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at ansible' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at ansible' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at ansible' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at ansible' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at ansible' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at ansible' -a path -d 'Print the folder that holds the Ansible collection cdpctl.grid, for ANSIBLE_COLLECTIONS_PATH.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -n '__cdpctl_at sandbox' -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -n '__cdpctl_at sandbox' -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -n '__cdpctl_at sandbox' -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l no-color -d 'Do not use colours.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -n '__cdpctl_at sandbox' -l help -s h -d 'Show this help and exit.'
complete -c cdpctl -n '__cdpctl_at sandbox' -a serve -d 'Serve an embedded grid until interrupted.'
complete -c cdpctl -n '__cdpctl_at sandbox' -a run -d 'Run one command against an embedded grid.'
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l peers -d 'Number of APs, or a file of NAME [TYPE [STATUS]] lines.' -r -F
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l tls -d 'Serve https with a new certificate.'
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l standby -d 'Also serve the grid through a second CDP, on the next port.'
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l stop-after -d 'Time a peer takes to stop (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l start-after -d 'Time a peer takes to start (default: same as --stop-after).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l change-after -d 'Time an update or deletion takes (default: same as --stop-after, at most 500ms).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l fault -d 'Make a call fail: stop:500:0.1, stop:lost, login:401, list:503, any:slow=2s.' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l latency -d 'Time before each answer (default 0s).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l accepted -d 'Status of an accepted change: 200, 202 or 204 (default 204).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l reads -d 'Reads to serve: both, info, peer, part or none (default both).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l chunked -d 'Send the bodies of answers in chunks.'
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l idle -d 'Time an unused session lasts (default 30m).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l max-session -d 'Time any session lasts (default 24h).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l operator -d 'User with all permissions (default operator).' -x
complete -c cdpctl -n '__cdpctl_in sandbox serve' -l port -d 'Port to listen on (default: a free one).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l peers -d 'Number of APs, or a file of NAME [TYPE [STATUS]] lines.' -r -F
complete -c cdpctl -n '__cdpctl_in sandbox run' -l tls -d 'Serve https with a new certificate.'
complete -c cdpctl -n '__cdpctl_in sandbox run' -l standby -d 'Also serve the grid through a second CDP, on the next port.'
complete -c cdpctl -n '__cdpctl_in sandbox run' -l stop-after -d 'Time a peer takes to stop (default 2s).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l start-after -d 'Time a peer takes to start (default: same as --stop-after).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l change-after -d 'Time an update or deletion takes (default: same as --stop-after, at most 500ms).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l fault -d 'Make a call fail: stop:500:0.1, stop:lost, login:401, list:503, any:slow=2s.' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l latency -d 'Time before each answer (default 0s).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l accepted -d 'Status of an accepted change: 200, 202 or 204 (default 204).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l reads -d 'Reads to serve: both, info, peer, part or none (default both).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l chunked -d 'Send the bodies of answers in chunks.'
complete -c cdpctl -n '__cdpctl_in sandbox run' -l idle -d 'Time an unused session lasts (default 30m).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l max-session -d 'Time any session lasts (default 24h).' -x
complete -c cdpctl -n '__cdpctl_in sandbox run' -l operator -d 'User with all permissions (default operator).' -x
complete -c cdpctl -n '__cdpctl_in help' -l schema -d 'With output: print the JSON Schemas, or the one named after it.'
complete -c cdpctl -n '__cdpctl_in help' -a 'exit-codes environment output ansible login logout status config peer doctor api completion ansible sandbox help'
complete -c cdpctl -l profile -s p -d 'Profile to use, instead of the default one; to read several grids, a list or a pattern.' -x -a '(__cdpctl_profiles)'
complete -c cdpctl -l output -s o -d 'Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere).' -x -a 'table tsv json jsonl name'
complete -c cdpctl -l fields -d 'Show only these fields, in this order.' -x
complete -c cdpctl -l no-headers -d 'Leave out the header row of table and tsv.'
complete -c cdpctl -l no-color -d 'Do not use colours.'
complete -c cdpctl -l quiet -s q -d 'Show no notes and no progress.'
complete -c cdpctl -l verbose -s v -d 'Explain decisions; -vv lists requests; -vvv traces HTTP.'
complete -c cdpctl -l no-input -d 'Never ask; fail where an answer is needed.'
complete -c cdpctl -l help -s h -d 'Show this help and exit.'
