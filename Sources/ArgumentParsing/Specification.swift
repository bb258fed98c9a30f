/// What a shell offers where a value is typed.
package enum Completion: Sendable, Equatable {
    /// Nothing: it may be any text.
    case nothing
    /// Files and folders.
    case files
    /// Folders alone.
    case folders
    /// These words.
    case words([String])

    /// The words of a choice.
    package static func choice<Choice: CaseIterable & RawRepresentable>(of type: Choice.Type) -> Completion
    where Choice.RawValue == String {
        .words(Choice.allCases.map(\.rawValue))
    }

    /// What the name of a value says: `DIR` is a folder, `FILE` and `X.npy` are files.
    static func named(_ valueName: String?) -> Completion {
        guard let valueName else { return .nothing }
        if valueName == "DIR" { return .folders }
        return valueName == "FILE" || valueName.contains(".") ? .files : .nothing
    }
}

/// An option or flag of a command, as the user types it.
package struct OptionSpecification: Sendable {
    /// Every spelling, the long one last: `["-k", "--candidates"]`.
    package let names: [String]
    /// What stands for the value in help (`DIR`); `nil` makes this a flag.
    package let valueName: String?
    /// Whether the option may stand without its value.
    package let isValueOptional: Bool
    /// Whether it may be given more than once, each time with another value.
    package let repeats: Bool
    /// What a shell offers for the value.
    package let completion: Completion
    /// One sentence for help.
    package let help: String

    /// - Parameters:
    ///   - isValueOptional: the option may stand alone, as a flag. Only for commands without positionals: the word
    ///     after it is its value unless it is an option.
    ///   - completion: what a shell offers for the value; where it is not given, the value's name decides.
    package init(
        _ names: String..., value valueName: String? = nil, isValueOptional: Bool = false,
        repeats: Bool = false, completion: Completion? = nil, help: String
    ) {
        precondition(!names.isEmpty, "an option needs a name")
        precondition(!isValueOptional || valueName != nil, "an optional value needs a name")
        self.names = names
        self.valueName = valueName
        self.isValueOptional = isValueOptional
        self.repeats = repeats
        self.completion = completion ?? .named(valueName)
        self.help = help
    }

    /// The spelling that other text uses for this option.
    package var canonicalName: String { names[names.count - 1] }
}

/// What a command takes besides options.
package struct PositionalSpecification: Sendable {
    /// How many values it takes.
    package enum Arity: Sendable {
        /// Exactly one.
        case one
        /// None or one.
        case optional
        /// None or more.
        case zeroOrMore
        /// At least one.
        case oneOrMore
    }

    package let name: String
    package let arity: Arity
    /// What a shell offers for it.
    package let completion: Completion
    package let help: String

    package init(_ name: String, _ arity: Arity, completion: Completion = .files, help: String) {
        self.name = name
        self.arity = arity
        self.completion = completion
        self.help = help
    }

    var usage: String {
        switch arity {
        case .one: "<\(name)>"
        case .optional: "[<\(name)>]"
        case .zeroOrMore: "[<\(name)> ...]"
        case .oneOrMore: "<\(name)> ..."
        }
    }
}

/// One verb of a program.
package struct CommandSpecification: Sendable {
    package let name: String
    /// One line for the list of commands.
    package let abstract: String
    /// Paragraphs for the command's own help.
    package let discussion: String
    package let positionals: [PositionalSpecification]
    package let options: [OptionSpecification]
    /// A command line that works as it stands.
    package let example: String

    package init(
        _ name: String, abstract: String, discussion: String = "", positionals: [PositionalSpecification] = [],
        options: [OptionSpecification] = [], example: String
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.positionals = positionals
        self.options = options
        self.example = example
    }

    func option(spelled name: String) -> OptionSpecification? {
        options.first { $0.names.contains(name) }
    }
}

/// A command line that cannot be carried out as typed.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, with the word it is about.
    package let message: String
    /// The command that was meant, where one was named.
    package let command: String?

    package init(_ message: String, command: String? = nil) {
        self.message = message
        self.command = command
    }

    package var description: String { message }
}

/// What the user asked for.
package enum Invocation: Sendable {
    /// Print this text on standard output and end well.
    case show(String)
    /// Write these texts to files of these names in a folder, and end well.
    case write(folder: String, files: [(name: String, text: String)])
    /// Carry out a command.
    case run(ParsedArguments)
}
