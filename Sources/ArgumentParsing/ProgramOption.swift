/// What the program itself takes before a command, spelt as swift-argument-parser spells it.
enum ProgramOption: String, CaseIterable {
    case version = "--version"
    case completionScript = "--generate-completion-script"
    case manual = "--generate-manual"

    /// What stands for the value in help; nil for a flag.
    var valueName: String? {
        switch self {
        case .version: nil
        case .completionScript: "SHELL"
        case .manual: "DIR"
        }
    }

    /// What a shell offers for the value.
    var completion: Completion {
        self == .completionScript ? .choice(of: Shell.self) : .named(valueName)
    }

    var usage: String { rawValue + (valueName.map { " <\($0)>" } ?? "") }

    var help: String {
        switch self {
        case .version: "Show the version."
        case .completionScript: "Print the completions of a shell: bash, zsh or fish."
        case .manual: "Write the manual pages to a folder."
        }
    }
}

/// A shell that completes command lines.
enum Shell: String, CaseIterable {
    case bash, zsh, fish
}

extension Program {
    /// What an option of the program that makes texts asks for; nil for other words.
    func generation(_ words: [String]) throws(UsageError) -> Invocation? {
        let (spelling, attached) = Self.split(words[0])
        guard let option = ProgramOption(rawValue: spelling), option != .version else { return nil }
        guard let value = attached ?? words.dropFirst().first else {
            throw UsageError("missing value for '\(spelling)'")
        }
        guard words.count == (attached == nil ? 2 : 1) else {
            throw UsageError("unexpected argument '\(words[attached == nil ? 2 : 1])'")
        }
        if option == .manual { return .write(folder: value, files: manualPages()) }
        guard let shell = Shell(rawValue: value) else {
            let known = Shell.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("'\(spelling) \(value)': expected one of \(known)")
        }
        switch shell {
        case .bash: return .show(bashCompletion())
        case .zsh: return .show(zshCompletion())
        case .fish: return .show(fishCompletion())
        }
    }
}
