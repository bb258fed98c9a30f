import Foundation
import TestSupport
import Testing

@testable import ArgumentParsing

private let program = Program(
    name: "gallery", version: "1.2", abstract: "Finds faces.",
    commands: [
        CommandSpecification(
            "identify", abstract: "Answer: who [it] is, it's \\x.",
            positionals: [PositionalSpecification("photo", .zeroOrMore, help: "Photos.")],
            options: [
                OptionSpecification("-g", "--gallery", value: "DIR", help: "The gallery."),
                OptionSpecification("-k", value: "N", help: "Candidates."),
                OptionSpecification("--embeddings", value: "X.npy", help: "Templates: one [or more]."),
                OptionSpecification(
                    "--fusion", value: "RULE", completion: .words(["max", "mean"]), help: "It's a 'rule'."),
                OptionSpecification("--exclude", value: "PATTERN", repeats: true, help: "Leave out."),
                OptionSpecification("--json", help: "JSON Lines."),
            ], example: "gallery identify -g faces photo.jpg"),
        CommandSpecification(
            "rename", abstract: "Rename.",
            positionals: [
                PositionalSpecification("old", .one, completion: .nothing, help: "Old."),
                PositionalSpecification("new", .one, completion: .nothing, help: "New."),
            ], example: "gallery rename a b"),
        CommandSpecification(
            "network", abstract: "Networks.",
            positionals: [
                PositionalSpecification(
                    "action", .oneOrMore, completion: .words(["list", "show"]), help: "What to do.")
            ],
            options: [OptionSpecification("--wait", value: "SECONDS", isValueOptional: true, help: "Wait.")],
            example: "gallery network list"),
    ])

/// A shell of this machine with the completions loaded, in a folder with things to complete.
private struct TestedShell {
    static func isInstalled(_ name: String) -> Bool { path(name) != nil }

    static func path(_ name: String) -> String? {
        ["/bin/\(name)", "/usr/bin/\(name)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private let shell: TestedProgram
    private let folder: TemporaryFolder

    init(_ name: String) throws {
        shell = TestedProgram(path: try #require(Self.path(name)))
        folder = try TemporaryFolder()
        guard case .show(let script) = try program.parse(["--generate-completion-script", name]) else {
            throw CocoaError(.featureUnsupported)
        }
        try folder.write(Array((script + "\n").utf8), to: "script")
        for name in ["a dir", "adir"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: true)
        }
        try folder.write([], to: "a b.npy")
    }

    func run(_ arguments: String...) throws -> TestedProgram.Result {
        try shell.run(arguments, in: folder, environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
    }

    /// What bash would offer for the last of these words.
    func bashOffers(_ words: String...) throws -> Set<String> {
        let script = #"""
            source ./script || exit
            [[ $(complete -p gallery) == "complete -F _gallery gallery" ]] || exit
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _gallery
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let result = try shell.run(
            ["--norc", "-c", script, "bash", "gallery"] + words, in: folder,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(result.err.isEmpty, "\(result.err)")
        return Set(result.lines.map(String.init))
    }

    /// What fish would offer for the end of a line, without what it says of each.
    func fishOffers(_ line: String) throws -> Set<String> {
        let script = #"set PATH . $PATH; source ./script; complete -C "$argv[1]""#
        let result = try shell.run(
            ["--no-config", "-c", script, line], in: folder,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        #expect(result.err.isEmpty, "\(result.err)")
        return Set(result.lines.map { String($0.prefix { $0 != "\t" }) })
    }
}

@Suite("Completions") struct CompletionTests {
    static let ownOptions: Set<String> = [
        "--help", "--version", "--generate-completion-script", "--generate-manual",
    ]

    @Test("bash offers commands, options, words, files and folders, each in its place")
    func bash() throws {
        let shell = try TestedShell("bash")
        #expect(try shell.bashOffers("") == Self.ownOptions.union(["identify", "rename", "network", "help"]))
        #expect(try shell.bashOffers("id") == ["identify"])
        #expect(try shell.bashOffers("help", "re") == ["rename"])
        #expect(try shell.bashOffers("--generate-completion-script", "f") == ["fish"])
        #expect(
            try shell.bashOffers("identify", "--")
                == ["--gallery", "--embeddings", "--fusion", "--exclude", "--json", "--help"])
        #expect(try shell.bashOffers("identify", "--fusion", "") == ["max", "mean"])
        #expect(try shell.bashOffers("identify", "--fusion", "=", "me") == ["mean"])
        #expect(try shell.bashOffers("identify", "--fusion", "=") == ["max", "mean"])
        #expect(try shell.bashOffers("identify", "-g", "a") == ["a dir", "adir"])
        #expect(try shell.bashOffers("identify", "--embeddings", "a") == ["a b.npy", "a dir", "adir"])
        #expect(try shell.bashOffers("identify", "--json", "a ") == ["a b.npy", "a dir"])
        #expect(try shell.bashOffers("network", "") == ["list", "show"])
        #expect(try shell.bashOffers("network", "show", "ad") == ["adir"])
    }

    @Test("bash offers nothing where any text may stand, and no option after two dashes")
    func bashOffersNothing() throws {
        let shell = try TestedShell("bash")
        for words in [("identify", "-k", ""), ("rename", "a", ""), ("nosuch", "a", "a")] {
            #expect(try shell.bashOffers(words.0, words.1, words.2).subtracting([""]).isEmpty, "\(words)")
        }
        #expect(try shell.bashOffers("identify", "--", "--f").subtracting([""]).isEmpty)
        #expect(try shell.bashOffers("identify", "--", "ad") == ["adir"])
    }

    @Test(
        "zsh takes the script", .enabled(if: TestedShell.isInstalled("zsh"), "zsh is not installed"))
    func zsh() throws {
        let shell = try TestedShell("zsh")
        let checked = try shell.run("-n", "script")
        #expect(checked.exitCode == 0 && checked.err.isEmpty, "\(checked.err)")
        let loaded = try shell.run(
            "-fc", "autoload -U compinit; compinit -D -u; source ./script; print -- $_comps[gallery]")
        #expect(loaded.out == "_gallery\n" && loaded.err.isEmpty, "\(loaded.err)")
    }

    @Test(
        "fish offers commands, options, words, files and folders, each in its place",
        .enabled(if: TestedShell.isInstalled("fish"), "fish is not installed"))
    func fish() throws {
        let shell = try TestedShell("fish")
        #expect(try shell.run("-n", "script").err.isEmpty)
        #expect(try shell.fishOffers("gallery ") == ["identify", "rename", "network", "help"])
        #expect(try shell.fishOffers("gallery --") == Self.ownOptions)
        #expect(try shell.fishOffers("gallery --generate-completion-script f") == ["fish"])
        #expect(try shell.fishOffers("gallery identify --f") == ["--fusion"])
        #expect(try shell.fishOffers("gallery identify --fusion m") == ["max", "mean"])
        #expect(try shell.fishOffers("gallery identify -g a") == ["a dir/", "adir/"])
        #expect(try shell.fishOffers("gallery identify a") == ["a b.npy", "a dir/", "adir/"])
        #expect(try shell.fishOffers("gallery rename a").isEmpty)
        #expect(try shell.fishOffers("gallery network l") == ["list"])
        #expect(try shell.fishOffers("gallery help re") == ["rename"])
    }

    @Test("a shell that has no completions is refused with those that have")
    func otherShell() {
        let error = #expect(throws: UsageError.self) {
            try program.parse(["--generate-completion-script", "tcsh"])
        }
        #expect(error?.message == "'--generate-completion-script tcsh': expected one of bash, zsh, fish")
        let missing = #expect(throws: UsageError.self) { try program.parse(["--generate-completion-script"]) }
        #expect(missing?.message == "missing value for '--generate-completion-script'")
        let superfluous = #expect(throws: UsageError.self) {
            try program.parse(["--generate-manual=man", "x"])
        }
        #expect(superfluous?.message == "unexpected argument 'x'")
    }
}
