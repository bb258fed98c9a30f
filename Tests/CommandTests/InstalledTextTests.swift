import ArgumentParsing
import Foundation
import Gallery
import TestSupport
import Testing

@testable import facegallery

/// What is installed beside the program: version, completions, manual pages.
@Suite("Texts of an installed program") struct InstalledTextTests {
    private let folder: TemporaryFolder
    private let program: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        program = Facegallery(folder)
    }

    @Test("the version says the commit and the format of galleries")
    func version() throws {
        let result = try program("--version")
        let shown = /facegallery \d+\.\d+\.\d+ \(commit ([0-9a-f]{12}\+?|unknown), gallery format \d+\)\n/
        #expect(result.out.wholeMatch(of: shown) != nil, "\(result.out)")
        #expect(result.out.contains("gallery format \(FaceGallery.newestFormat))"))
    }

    @Test("bash knows every command and every option")
    func completions() throws {
        try folder.write(
            Array(program("--generate-completion-script", "bash").out.utf8), to: "completions")
        let script = #"""
            source ./completions
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _facegallery
            echo "${COMPREPLY[@]}"
            """#
        func offered(_ words: String...) throws -> Set<Substring> {
            let result = try TestedProgram(path: "/bin/bash").run(
                ["--norc", "-c", script, "bash", "facegallery"] + words, in: folder)
            #expect(result.err.isEmpty, "\(result.err)")
            return Set(result.out.split { $0 == " " || $0 == "\n" })
        }
        #expect(try offered("").isSuperset(of: verbs.map { $0.specification.name[...] }))
        for verb in verbs {
            let options = verb.specification.options.map(\.canonicalName).filter { $0.hasPrefix("--") }
            #expect(try offered(verb.specification.name, "--").isSuperset(of: options.map { $0[...] }))
        }
        #expect(try offered("identify", "--fusion", "") == ["max", "mean"])
    }

    @Test("zsh and fish can read theirs, where they are installed", arguments: ["zsh", "fish"])
    func syntax(shell: String) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)") else {
            try Test.cancel("\(shell) is not installed")
        }
        try folder.write(
            Array(program("--generate-completion-script", shell).out.utf8), to: "completions")
        let result = try TestedProgram(path: "/usr/bin/\(shell)").run(
            ["-n", "completions"], in: folder, environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin"])
        #expect(result.exitCode == 0 && result.err.isEmpty, "\(result.err)")
    }

    @Test("the manual has a page for each command, of the day that SOURCE_DATE_EPOCH names, without a fault")
    func manual() throws {
        var program = program
        program.environment["SOURCE_DATE_EPOCH"] = "1767225600"
        try FileManager.default.createDirectory(atPath: folder.file("man"), withIntermediateDirectories: true)
        #expect(try program("--generate-manual", "man").exitCode == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.file("man"))
        #expect(Set(pages) == Set(["facegallery.1"] + verbs.map { "facegallery-\($0.specification.name).1" }))
        for page in pages {
            let text = try String(contentsOfFile: folder.file("man/\(page)"), encoding: .utf8)
            #expect(text.contains("\"2026-01-01\""), "\(page)")
        }
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else {
            try Test.cancel("groff is not installed")
        }
        let set = try TestedProgram(path: "/usr/bin/groff").run(
            ["-man", "-Tutf8", "-ww", "-z"] + pages.map { "man/\($0)" }, in: folder)
        #expect(set.exitCode == 0 && set.err.isEmpty, "\(set.err)")
    }

    @Test("a manual that cannot be written is an error with the file's name")
    func noFolder() throws {
        let result = try program("--generate-manual", "nowhere")
        #expect(result.exitCode != 0 && result.err.contains("nowhere"), "\(result.err)")
    }
}
