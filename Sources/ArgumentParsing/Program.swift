/// A program of several verbs, read with the conventions of swift-argument-parser.
///
/// `--name value` and `--name=value` are the same; `--` ends the options; `-` alone is a positional
/// (standard input); options may stand before and after positionals.
package struct Program: Sendable {
    package let name: String
    package let version: String
    /// What `--version` says in brackets after the version; empty for nothing.
    package let build: String
    package let abstract: String
    package let commands: [CommandSpecification]
    /// Sections of the program's manual page that its commands do not say.
    package let manual: Manual

    package init(
        name: String, version: String, build: String = "", abstract: String, commands: [CommandSpecification],
        manual: Manual = Manual()
    ) {
        self.name = name
        self.version = version
        self.build = build
        self.abstract = abstract
        self.commands = commands
        self.manual = manual
    }

    /// Reads the words after the program's name.
    ///
    /// - Throws: `UsageError` that names the offending word and, where one is close, the word that was meant.
    package func parse(_ words: [String]) throws(UsageError) -> Invocation {
        guard let first = words.first else { throw UsageError("no command is given") }
        switch first {
        case "-h", "--help": return .show(help())
        case "--version": return .show("\(name) \(version)" + (build.isEmpty ? "" : " (\(build))"))
        case "help":
            guard words.count > 1 else { return .show(help()) }
            return .show(help(of: try command(named: words[1])))
        default: break
        }
        if let invocation = try generation(words) { return invocation }
        if first.hasPrefix("-") { throw UsageError("unknown option '\(first)' before a command") }
        let command = try command(named: first)
        return try parse(words.dropFirst(), of: command)
    }

    private func command(named name: String) throws(UsageError) -> CommandSpecification {
        if let command = commands.first(where: { $0.name == name }) { return command }
        throw UsageError("unknown command '\(name)'" + suggestion(for: name, among: commands.map(\.name)))
    }

    private func parse(
        _ words: ArraySlice<String>, of command: CommandSpecification
    ) throws(UsageError) -> Invocation {
        var parsed = ParsedArguments(command: command)
        var rest = words
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                parsed.positionals.append(word)
                continue
            }
            if word == "--" {
                optionsEnded = true
                continue
            }
            if word == "-h" || word == "--help" { return .show(help(of: command)) }
            let (spelling, attached) = Self.split(word)
            // A number below zero is a value, unless there is such an option.
            if command.option(spelled: spelling) == nil, Double(word) != nil {
                parsed.positionals.append(word)
                continue
            }
            guard let option = command.option(spelled: spelling) else {
                let known = command.options.flatMap(\.names)
                throw UsageError(
                    "unknown option '\(spelling)'" + suggestion(for: spelling, among: known),
                    command: command.name)
            }
            if option.valueName == nil {
                guard attached == nil else {
                    throw UsageError("'\(spelling)' takes no value", command: command.name)
                }
                parsed.flags.insert(option.canonicalName)
            } else if option.isValueOptional, attached == nil, rest.first.map({ $0.hasPrefix("-") }) ?? true {
                parsed.flags.insert(option.canonicalName)
            } else {
                guard let value = attached ?? rest.popFirst() else {
                    throw UsageError("missing value for '\(spelling)'", command: command.name)
                }
                guard option.repeats || parsed.values[option.canonicalName] == nil else {
                    throw UsageError("'\(spelling)' is given twice", command: command.name)
                }
                parsed.values[option.canonicalName, default: []].append(value)
            }
        }
        try checkPositionals(parsed)
        return .run(parsed)
    }

    private func checkPositionals(_ parsed: ParsedArguments) throws(UsageError) {
        let specification = parsed.command.positionals
        let isOpenEnded = specification.contains { $0.arity == .zeroOrMore || $0.arity == .oneOrMore }
        let required = specification.filter { $0.arity == .one || $0.arity == .oneOrMore }
        let least = required.count
        if parsed.positionals.count < least {
            let missing = required[parsed.positionals.count]
            throw UsageError("missing argument '\(missing.usage)'", command: parsed.command.name)
        }
        if !isOpenEnded, parsed.positionals.count > specification.count {
            throw UsageError(
                "unexpected argument '\(parsed.positionals[specification.count])'", command: parsed.command.name
            )
        }
    }

    static func split(_ word: String) -> (spelling: String, value: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    private func suggestion(for word: String, among known: [String]) -> String {
        let nearest = known.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
        guard let nearest, nearest.1 <= max(1, word.count / 3) else { return "" }
        return "; did you mean '\(nearest.0)'?"
    }
}

/// The least number of characters to insert, remove or replace to turn one word into the other.
///
/// Levenshtein 1966; O(n·m) time.
func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
