extension OptionSpecification {
    /// How it is typed: every spelling, and what stands for its value.
    var usage: String {
        let value = valueName.map { isValueOptional ? " [<\($0)>]" : " <\($0)>" } ?? ""
        return names.joined(separator: ", ") + value
    }
}

extension Program {
    /// The text of `--help` without a command.
    package func help() -> String {
        let list = commands.map { ($0.name, $0.abstract) }
        return """
            OVERVIEW: \(abstract)

            USAGE: \(name) <command> [options]

            COMMANDS:
            \(Self.table(list))

            OPTIONS:
            \(Self.table(ProgramOption.allCases.map { ($0.usage, $0.help) } + [("-h, --help", "Show help.")]))

            See '\(name) <command> --help' for one command, with an example.
            """
    }

    /// The text of `COMMAND --help`.
    package func help(of command: CommandSpecification) -> String {
        var text = "OVERVIEW: \(command.abstract)\n"
        if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
        text += "\nUSAGE: \(usage(of: command))\n"
        if !command.positionals.isEmpty {
            text += "\nARGUMENTS:\n" + Self.table(command.positionals.map { ($0.usage, $0.help) }) + "\n"
        }
        let options = command.options.map { ($0.usage, $0.help) }
        text += "\nOPTIONS:\n" + Self.table(options + [("-h, --help", "Show help.")]) + "\n"
        text += "\nEXAMPLE:\n  \(command.example.split(separator: "\n").joined(separator: "\n  "))"
        return text
    }

    /// One line that shows how a command is typed.
    package func usage(of command: CommandSpecification) -> String {
        ([name, command.name, command.options.isEmpty ? "" : "[options]"] + command.positionals.map(\.usage))
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// What stands on standard error after a usage error.
    package func report(_ error: UsageError) -> String {
        let command = commands.first { $0.name == error.command }
        let usage = command.map(usage(of:)) ?? "\(name) <command> [options]"
        let asked = command.map { "\(name) \($0.name)" } ?? name
        return "error: \(error.message)\nusage: \(usage)\nsee '\(asked) --help'"
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let wide = 26
        return rows.map { term, help in
            let padding = String(repeating: " ", count: max(0, wide - term.count))
            let gap = term.count < wide ? padding : "\n" + String(repeating: " ", count: wide + 2)
            return "  \(term)\(gap)\(help)"
        }.joined(separator: "\n")
    }
}
