import ArgumentParsing
import Testing

private let program = Program(
    name: "gallery", version: "1.2", abstract: "Finds faces.",
    commands: [
        CommandSpecification(
            "identify", abstract: "Answer who it is.",
            positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos.")],
            options: [
                OptionSpecification("-g", "--gallery", value: "DIR", help: "The gallery."),
                OptionSpecification("-k", value: "N", help: "Candidates."),
                OptionSpecification("--min-similarity", value: "S", help: "Least similarity."),
                OptionSpecification("--fusion", value: "RULE", help: "Fusion."),
                OptionSpecification("--json", help: "JSON Lines."),
            ], example: "gallery identify -g faces photo.jpg"),
        CommandSpecification(
            "rename", abstract: "Rename.",
            positionals: [
                PositionalSpecification("old", .one, help: "Old."),
                PositionalSpecification("new", .one, help: "New."),
            ], example: "gallery rename a b"),
        CommandSpecification(
            "compact", abstract: "Compact.",
            options: [
                OptionSpecification("--wait", value: "SECONDS", isValueOptional: true, help: "Wait."),
                OptionSpecification("--json", help: "JSON Lines."),
            ], example: "gallery compact"),
    ])

private enum Fusion: String, CaseIterable {
    case max, mean
}

private func parsed(_ words: String...) throws -> ParsedArguments {
    guard case .run(let arguments) = try program.parse(words) else {
        throw UsageError("expected a command to run")
    }
    return arguments
}

private func message(_ words: String...) -> String? {
    #expect(throws: UsageError.self) { try program.parse(words) }?.message
}

@Suite("The command line")
struct ProgramTests {
    @Test("options may stand before and after positionals, with a blank or an equals sign")
    func mixedOrder() throws {
        let arguments = try parsed(
            "identify", "a.jpg", "-g", "faces", "--min-similarity=0.9", "b.jpg", "--json")
        #expect(arguments.positionals == ["a.jpg", "b.jpg"])
        #expect(arguments.value("--gallery") == "faces")
        #expect(arguments.value("-g") == "faces")
        #expect(try arguments.real("--min-similarity", in: -1...1) == 0.9)
        #expect(arguments.flag("--json"))
        #expect(try arguments.integer("-k", in: 1...10) == nil)
    }

    @Test("an option whose value is optional stands alone or with it")
    func optionalValue() throws {
        for words in [["compact", "--wait"], ["compact", "--wait", "--json"]] {
            guard case .run(let arguments) = try program.parse(words) else { throw UsageError("no command") }
            #expect(arguments.flag("--wait") && arguments.value("--wait") == nil)
        }
        for words in [["compact", "--wait", "5", "--json"], ["compact", "--json", "--wait=5"]] {
            guard case .run(let arguments) = try program.parse(words) else { throw UsageError("no command") }
            #expect(!arguments.flag("--wait") && arguments.value("--wait") == "5" && arguments.flag("--json"))
        }
        #expect(try !parsed("compact").flag("--wait"))
        #expect(program.help(of: program.commands[2]).contains("--wait [<SECONDS>]"))
    }

    @Test("a dash alone is standard input, and words after two dashes are never options")
    func dashes() throws {
        let arguments = try parsed("identify", "-", "--", "--json", "-k")
        #expect(arguments.positionals == ["-", "--json", "-k"])
        #expect(!arguments.flag("--json"))
    }

    @Test("a value may begin with a dash: a negative number is one")
    func negativeValue() throws {
        #expect(try parsed("identify", "--min-similarity", "-0.5").real("--min-similarity", in: -1...1) == -0.5)
    }

    @Test("an unknown word is named, with the word that was probably meant")
    func unknownWords() {
        #expect(message("identfy") == "unknown command 'identfy'; did you mean 'identify'?")
        #expect(message("identify", "--galery", "x") == "unknown option '--galery'; did you mean '--gallery'?")
        #expect(message("identify", "--xyzzy=3") == "unknown option '--xyzzy'")
        #expect(message("-x") == "unknown option '-x' before a command")
        #expect(message() == "no command is given")
    }

    @Test("missing, doubled and superfluous words are named")
    func wrongCounts() {
        #expect(message("identify", "-g") == "missing value for '-g'")
        #expect(message("identify", "--json=yes") == "'--json' takes no value")
        #expect(message("identify", "-g", "a", "--gallery", "b") == "'--gallery' is given twice")
        #expect(message("rename", "a") == "missing argument '<new>'")
        #expect(message("rename", "a", "b", "c") == "unexpected argument 'c'")
    }

    @Test(
        "numbers outside their range are refused with the range", arguments: ["0", "-1", "11", "x", "1.5", ""])
    func numberRange(text: String) throws {
        let arguments = try parsed("identify", "-k", text)
        let error = #expect(throws: UsageError.self) { try arguments.integer("-k", in: 1...10) }
        #expect(error?.message == "'-k \(text)': expected a whole number from 1 to 10")
        #expect(error?.command == "identify")
    }

    @Test("nan and infinity are not numbers a user may ask for", arguments: ["nan", "inf", "2"])
    func realRange(text: String) throws {
        let arguments = try parsed("identify", "--min-similarity", text)
        #expect(throws: UsageError.self) { try arguments.real("--min-similarity", in: -1...1) }
    }

    @Test("a word outside a choice is refused with the choices")
    func choices() throws {
        #expect(try parsed("identify", "--fusion", "mean").choice("--fusion", as: Fusion.self) == .mean)
        let wrong = try parsed("identify", "--fusion", "sum")
        let error = #expect(throws: UsageError.self) { try wrong.choice("--fusion", as: Fusion.self) }
        #expect(error?.message == "'--fusion sum': expected one of max, mean")
    }

    @Test("help shows every option and an example, wherever it is asked for")
    func help() throws {
        for words in [["identify", "--help"], ["help", "identify"], ["identify", "x.jpg", "-h"]] {
            guard case .show(let text) = try program.parse(words) else {
                Issue.record("expected help")
                return
            }
            #expect(text.contains("USAGE: gallery identify [options] [<photo> ...]"))
            #expect(text.contains("-g, --gallery <DIR>"))
            #expect(text.contains("gallery identify -g faces photo.jpg"))
        }
        guard case .show(let overview) = try program.parse(["--help"]) else {
            Issue.record("expected help")
            return
        }
        #expect(overview.contains("rename") && overview.contains("identify"))
    }
}
