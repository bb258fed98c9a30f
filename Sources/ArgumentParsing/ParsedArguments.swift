/// The words of one command, sorted into flags, values and positionals.
package struct ParsedArguments: Sendable {
    package let command: CommandSpecification
    /// What is neither option nor value, in order.
    package internal(set) var positionals: [String] = []
    var flags: Set<String> = []
    var values: [String: [String]] = [:]

    init(command: CommandSpecification) {
        self.command = command
    }

    /// Whether a flag was given; any of its spellings may be asked for.
    package func flag(_ name: String) -> Bool {
        flags.contains(canonical(name))
    }

    /// The value of an option, or `nil` if it was not given.
    package func value(_ name: String) -> String? {
        values[canonical(name)]?.last
    }

    /// The values of an option that may be repeated, in order.
    package func allValues(_ name: String) -> [String] {
        values[canonical(name)] ?? []
    }

    /// The value of an option that the command cannot do without.
    package func required(_ name: String) throws(UsageError) -> String {
        guard let value = value(name) else {
            throw UsageError("missing option '\(name)'", command: command.name)
        }
        return value
    }

    /// A whole number within a range.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "'\(name) \(text)': expected a whole number from \(range.lowerBound) to \(range.upperBound)",
                command: command.name)
        }
        return number
    }

    /// A finite number within a range.
    package func real(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = value(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw UsageError(
                "'\(name) \(text)': expected a number from \(range.lowerBound) to \(range.upperBound)",
                command: command.name)
        }
        return number
    }

    /// One of several words.
    package func choice<Choice: CaseIterable & RawRepresentable>(
        _ name: String, as type: Choice.Type
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = value(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("'\(name) \(text)': expected one of \(known)", command: command.name)
        }
        return choice
    }

    private func canonical(_ name: String) -> String {
        guard let option = command.option(spelled: name) else {
            preconditionFailure("the command \(command.name) declares no option \(name)")
        }
        return option.canonicalName
    }
}
