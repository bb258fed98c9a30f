extension Program {
    /// A script that makes fish complete commands, options and their values, with what each is for.
    func fishCompletion() -> String {
        let isNone = "-n __\(name)_no_command"
        var lines = [
            "complete -c \(name) -f",
            "complete -c \(name) \(isNone) -s h -l help -d 'Show help.'",
        ]
        lines += ProgramOption.allCases.map { option in
            fishOption([option.rawValue], option.valueName, option.completion, option.help, isNone)
        }
        lines += (commands.map { ($0.name, $0.abstract) } + [("help", "Show help of a command.")]).map {
            "complete -c \(name) \(isNone) -a \($0) -d \(Self.quoted($1))"
        }
        for command in commands {
            let isThis = "-n '__\(name)_command \(command.name)'"
            lines += command.options.map { option in
                fishOption(
                    option.names, option.isValueOptional ? nil : option.valueName, option.completion,
                    option.help,
                    isThis)
            }
            lines.append("complete -c \(name) \(isThis) -s h -l help -d 'Show help.'")
            if let first = command.positionals.first, first.completion != .nothing {
                if case .words = first.completion {
                    // Words are for the first place; what they are about comes after it.
                    lines.append(
                        "complete -c \(name) \(isThis) -n '__\(name)_words 2' \(Self.offered(first.completion))"
                    )
                    lines.append("complete -c \(name) \(isThis) -n 'not __\(name)_words 2' -F")
                } else {
                    lines.append("complete -c \(name) \(isThis) \(Self.offered(first.completion))")
                }
            }
        }
        lines.append(
            "complete -c \(name) -n '__\(name)_command help' -a '\(commands.map(\.name).joined(separator: " "))'"
        )
        return """
            # Completions of \(name) for fish; made by '\(name) --generate-completion-script fish'.

            function __\(name)_no_command
                set -l words (commandline -opc)
                test (count $words) -eq 1; or string match -q -- '-*' $words[2]
            end

            function __\(name)_words
                test (count (commandline -opc)) -eq $argv[1]
            end

            function __\(name)_command
                set -l words (commandline -opc)
                test (count $words) -ge 2; and test "$words[2]" = $argv[1]
            end

            \(lines.joined(separator: "\n"))
            """
    }

    private func fishOption(
        _ names: [String], _ value: String?, _ completion: Completion, _ help: String, _ condition: String
    ) -> String {
        let spelt = names.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }
        let argument = value == nil ? "" : " -r \(Self.offered(completion))"
        return
            "complete -c \(name) \(condition) \(spelt.joined(separator: " "))\(argument) -d \(Self.quoted(help))"
    }

    private static func offered(_ completion: Completion) -> String {
        switch completion {
        case .nothing: "-f"
        case .files: "-F"
        case .folders: "-f -a '(__fish_complete_directories (commandline -ct))'"
        case .words(let words): "-f -a '\(words.joined(separator: " "))'"
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
    }
}
