import Foundation
import TestSupport
import Testing

@testable import ArgumentParsing

private let program = Program(
    name: "gallery", version: "1.2-3", abstract: "Finds faces.",
    commands: [
        CommandSpecification(
            "identify", abstract: "Answer who it is.",
            discussion: "First \\fBparagraph\\fR — ×.\n.SH is no request here.\n\nlist   one\nshow   two",
            positionals: [PositionalSpecification("photo", .zeroOrMore, help: "'Photos'.")],
            options: [
                OptionSpecification(
                    "-g", "--gallery", value: "DIR", help: ".gallery, or \"faces\" for ~ ^ `x`."),
                OptionSpecification("--wait", value: "SECONDS", isValueOptional: true, help: "Wait."),
            ], example: "gallery identify -g faces \\\n    photo.jpg\n.hidden 'x'")
    ],
    manual: Manual(
        date: "2026-03-31", sections: [Manual.Section("ENVIRONMENT", terms: [("GALLERY", "The gallery.")])]))

@Suite("The manual pages") struct ManualTests {
    static func path(of tool: String) -> String? {
        ["/usr/bin/\(tool)", "/bin/\(tool)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private let folder: TemporaryFolder
    private let names: [String]

    init() throws {
        folder = try TemporaryFolder()
        guard case .write(let target, let files) = try program.parse(["--generate-manual", "pages"]) else {
            throw CocoaError(.featureUnsupported)
        }
        #expect(target == "pages")
        names = files.map(\.name)
        for file in files { try folder.write(Array(file.text.utf8), to: file.name) }
    }

    private func run(_ tool: String, _ arguments: String...) throws -> TestedProgram.Result {
        try TestedProgram(path: try #require(Self.path(of: tool))).run(
            arguments, in: folder,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "80", "HOME": folder.path])
    }

    @Test("there is one of the program and one of each command")
    func pages() throws {
        #expect(names == ["gallery.1", "gallery-identify.1"])
        let text = try String(contentsOfFile: folder.file("gallery.1"), encoding: .utf8)
        #expect(text.contains("2026-03-31") && text.contains(".SH ENVIRONMENT\n.TP\n.B GALLERY\nThe gallery."))
    }

    @Test(
        "groff sets them without a warning, and every character as it was written",
        .enabled(if: ManualTests.path(of: "groff") != nil, "groff is not installed"))
    func groff() throws {
        for name in names {
            let result = try run("groff", "-man", "-Tutf8", "-ww", "-P-cbou", name)
            #expect(result.exitCode == 0 && result.err.isEmpty, "\(result.err)")
            guard name == "gallery-identify.1" else { continue }
            for text in [
                "gallery-identify - Answer who it is", #"First \fBparagraph\fR — ×.  .SH is no request here."#,
                "list   one\n", "show   two\n", "-g, --gallery <DIR>", #".gallery, or "faces" for ~ ^ `x`."#,
                "--wait [<SECONDS>]", "photo.jpg\n", ".hidden 'x'\n", "gallery 1.2-3",
            ] { #expect(result.out.contains(text), "\(text) in \(result.out)") }
        }
    }

    @Test(
        "mandoc finds nothing to say",
        .enabled(if: ManualTests.path(of: "mandoc") != nil, "mandoc is not installed"))
    func mandoc() throws {
        for name in names {
            let result = try run("mandoc", "-T", "lint", "-W", "warning", name)
            #expect(result.exitCode == 0 && (result.out + result.err).isEmpty, "\(result.out)\(result.err)")
        }
    }
}
