extension Program {
    /// A script that makes zsh complete commands, options and their values, with what each is for.
    ///
    /// It works as the file `_NAME` in a folder of `fpath`, and read by `source` after `compinit`.
    func zshCompletion() -> String {
        let own = ProgramOption.allCases.map { option in
            "        \(Self.zshOption([option.rawValue], option.valueName, option.completion, option.help))"
        }
        let verbs = (commands.map { ($0.name, $0.abstract) } + [("help", "Show help of a command.")])
            .map { "                \(Self.quoted($0 + ":" + Self.escaped($1, ":")))" }
        let cases = commands.map(zshCase)
        return #"""
            #compdef \#(name)
            # Completions of \#(name) for zsh; made by '\#(name) --generate-completion-script zsh'.

            _\#(name)() {
                local curcontext=$curcontext state line
                local -a commands
                typeset -A opt_args
                _arguments -C \
                    '(-h --help)'{-h,--help}'[Show help.]' \
            \#(own.map { "            \($0.drop { $0 == " " }) \\" }.joined(separator: "\n"))
                    '1: :->command' \
                    '*:: :->arguments'
                case $state in
                    command)
                        commands=(
            \#(verbs.joined(separator: "\n"))
                        )
                        _describe -t commands command commands ;;
                    arguments)
                        case $words[1] in
            \#(cases.joined(separator: "\n"))
                            help) _arguments '1:command:(\#(commands.map(\.name).joined(separator: " ")))' ;;
                        esac ;;
                esac
            }

            if [[ $funcstack[1] == _\#(name) ]]; then _\#(name) "$@"; else compdef _\#(name) \#(name); fi
            """#
    }

    private func zshCase(_ command: CommandSpecification) -> String {
        var lines = ["                \(command.name)) _arguments -s \\"]
        lines += command.options.map { option in
            let value = option.valueName
            return "                    "
                + Self.zshOption(
                    option.names, value, option.completion, option.help, isOptional: option.isValueOptional,
                    repeats: option.repeats) + " \\"
        }
        for (place, positional) in command.positionals.enumerated() {
            var places = [positional.arity == .one || positional.arity == .optional ? "\(place + 1)" : "*"]
            if case .words = positional.completion { places = ["1", "*"] }
            // Words are for the first place; what they are about comes after it.
            for (number, completion) in zip(places, [positional.completion, .files]) {
                lines.append(
                    "                    "
                        + Self.quoted("\(number):\(positional.name):\(Self.zshAction(completion))") + " \\")
            }
        }
        return (lines + ["                    '(-h --help)'{-h,--help}'[Show help.]' ;;"]).joined(
            separator: "\n")
    }

    private static func zshOption(
        _ names: [String], _ value: String?, _ completion: Completion, _ help: String,
        isOptional: Bool = false, repeats: Bool = false
    ) -> String {
        let text = "[" + escaped(help, "[]:") + "]"
        let argument = value.map {
            (isOptional ? "::" : ":") + escaped($0, ":") + ":" + zshAction(completion)
        }
        // A long name takes its value after a blank or an equals sign, a short one after a blank.
        func spelt(_ name: String) -> String { name + (value != nil && name.hasPrefix("--") ? "=" : "") }
        let excluded = repeats ? "*" : names.count > 1 ? "(\(names.joined(separator: " ")))" : ""
        if names.count == 1 { return quoted(excluded + spelt(names[0]) + text + (argument ?? "")) }
        let spellings = names.map { quoted(spelt($0)) }.joined(separator: ",")
        return quoted(excluded) + "{\(spellings)}" + quoted(text + (argument ?? ""))
    }

    private static func zshAction(_ completion: Completion) -> String {
        switch completion {
        case .nothing: " "
        case .files: "_files"
        case .folders: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// The text with a backslash before each of some characters, and before backslashes.
    private static func escaped(_ text: String, _ special: String) -> String {
        text.map { $0 == "\\" || special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }
}
