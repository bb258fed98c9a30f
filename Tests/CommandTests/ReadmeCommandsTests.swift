import Foundation
import TestSupport
import Testing

@Suite("The commands of the README")
struct ReadmeCommandsTests {
    /// Not run: what takes hours, and what changes the machine.
    private static let left = ["facegallery train", "facegallery setup", "facegallery VERB"]

    /// The command lines of the README's examples, in their order, without prompts and comments.
    private static func commands() throws -> [String] {
        let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("README.md")
        var (isCode, commands): (Bool, [String]) = (false, [])
        for line in try String(contentsOf: readme, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                isCode.toggle()
                continue
            }
            let command = line.hasPrefix("$ ") ? String(line.dropFirst(2)) : line
            guard isCode, command.hasPrefix("facegallery ") else { continue }
            commands.append(
                command.components(separatedBy: "  #")[0].trimmingCharacters(in: .whitespaces))
        }
        return commands
    }

    @Test(
        "run as they are printed, in their order, in a folder of somebody's photos",
        .enabled(if: Facegallery.hasModels, "the models of the set-up are not here"))
    func all() throws {
        let folder = try TemporaryFolder()
        func copy(_ portrait: String, _ places: String...) throws {
            for place in places {
                let target = URL(fileURLWithPath: folder.file(place))
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    atPath: Facegallery.portrait(portrait), toPath: target.path)
            }
        }
        try copy("obama.jpg", "people/Ada Lovelace/1.jpg")
        try copy("obama3.jpg", "a.jpg")
        try copy("obama2.jpg", "people/Ada Lovelace/2.jpg", "b.jpg", "new/1.jpg", "album/1.jpg")
        try copy("biden.jpg", "people/Grace/portrait.jpg", "party.jpg", "new/2.jpg", "album/2.jpg")
        try folder.write(Array("path,subject,place\na.jpg,Ada Lovelace,Rome\n".utf8), to: "people.csv")
        var environment = ProcessInfo.processInfo.environment
        // The examples at the top name no gallery.
        environment["FACEGALLERY_GALLERY"] = folder.file("top")
        environment["PROGRAM"] = Facegallery.path
        #expect(try Facegallery(folder)("create", "-g", "top").exitCode == 0)
        let commands = try Self.commands()
        #expect(commands.count > 15)
        for command in commands where !Self.left.contains(where: command.hasPrefix) {
            if command == "facegallery create -g faces --network mynet/" { continue }
            let shell = "facegallery() { \"$PROGRAM\" \"$@\"; }; " + command
            let result = try TestedProgram(path: "/bin/bash").run(
                ["--norc", "-c", shell], in: folder,
                environment: environment)
            #expect(result.exitCode == 0, "\(command): \(result.err)")
        }
    }
}
