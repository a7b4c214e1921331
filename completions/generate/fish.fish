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

@GENERATED@
