import Foundation
import Gallery
import Glibc
import HTTPServer
import Service
import TestSupport
import Testing

/// `facegallery serve`, as a process.
private final class ServingProcess {
    let process = Process()
    let port: Int

    /// Starts one for the gallery `g` of a folder.
    init(_ folder: TemporaryFolder, _ arguments: [String] = []) throws {
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: TestedProgram(named: "facegallery").path)
        process.arguments = ["serve", "-g", "g", "--listen", "127.0.0.1:0"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.fileReadUnknown, userInfo: ["said": text]) }
            text += String(decoding: data, as: UTF8.self)
        }
        let digits = text.split(separator: "://").last?.split(separator: ":").dropFirst().first?.prefix {
            $0.isNumber
        }
        port = digits.flatMap { Int($0) } ?? 0
    }

    func ask(_ method: String, _ target: String, json: String = "", key: String = "") throws -> HTTPReply {
        try HTTPConnection(port: port).ask(
            method, target, fields: [("Content-Type", "application/json"), ("X-Api-Key", key)],
            body: Array(json.utf8))
    }

    func end(_ signal: Int32) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite("The command serve")
struct ServeCommandTests {
    private func folderWithGallery() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FaceGalleryMaker.make(at: folder.file("g"))
        return folder
    }

    @Test("serves until it is told to end, and then ends with 0")
    func lifetime() throws {
        let folder = try folderWithGallery()
        let serving = try ServingProcess(folder)
        #expect(try serving.ask("GET", "/v1/galleries/g").object["references"] as? Int == 0)
        #expect(serving.end(SIGTERM) == 0)
    }

    @Test("every reference that was answered with 201 is there after kill -9, and the gallery is whole")
    func durability() throws {
        let folder = try folderWithGallery()
        for round in 0..<3 {
            let serving = try ServingProcess(folder)
            // Another round of names each time; the process is killed while requests are under way.
            let clients = try (0..<4).map { _ in try HTTPConnection(port: serving.port) }
            var acknowledged: [String] = []
            for number in 0..<12 {
                for (place, client) in clients.enumerated() {
                    let vector = (0..<RunningService.dimension).map {
                        Float(($0 * 7 + number * 5 + place) % 11) + 1
                    }
                    client.send(
                        "POST", "/v1/galleries/g/subjects/r\(round)-\(place)-\(number)/references",
                        fields: [("Content-Type", "application/json")],
                        body: Array("{\"embedding\":\(vector)}".utf8))
                }
                if number == 11 { break }
                for (place, client) in clients.enumerated() where try client.reply().status == 201 {
                    acknowledged.append("r\(round)-\(place)-\(number)")
                }
            }
            _ = serving.end(SIGKILL)
            let gallery = try FaceGallery(at: folder.file("g"), readOnly: true)
            #expect(acknowledged.count == 44)
            for name in acknowledged { #expect(try gallery.references(of: name).count == 1) }
            #expect(try gallery.check().problems.isEmpty)
        }
    }

    @Test("keys that commands make and revoke count at once, and are shown once")
    func keys() throws {
        let folder = try folderWithGallery()
        let program = TestedProgram(named: "facegallery")
        let made = try program.run(["keys", "create", "-g", "g", "--role", "read", "--json"], in: folder)
        #expect(made.exitCode == 0)
        let record = try #require(try made.objects().first)
        let (id, key) = (record["id"] as? String ?? "", record["key"] as? String ?? "")
        #expect(record["role"] as? String == "read" && key.hasPrefix("fgk_\(id)_"))
        let listed = try program.run(["keys", "list", "-g", "g"], in: folder)
        #expect(listed.out.contains(id) && !listed.out.contains(key.suffix(64)))
        let serving = try ServingProcess(folder)
        #expect(try serving.ask("GET", "/v1/galleries").status == 401)
        #expect(try serving.ask("GET", "/v1/galleries", key: key).status == 200)
        #expect(try program.run(["keys", "revoke", id, "-g", "g"], in: folder).exitCode == 0)
        kill(serving.process.processIdentifier, SIGHUP)
        let start = ContinuousClock.now
        while try serving.ask("GET", "/v1/galleries", key: key).status == 200,
            ContinuousClock.now - start < .seconds(10)
        { usleep(20_000) }
        #expect(try serving.ask("GET", "/v1/galleries", key: key).status == 401)
        #expect(serving.end(SIGINT) == 0)
    }

    @Test(
        "refuses what it cannot serve, with the reason",
        arguments: [
            (["serve", "-g", "none"], 66, "there is no gallery"),
            (["serve", "-g", "g", "--galleries", "."], 64, "not both"),
            (["serve", "-g", "g", "--listen", "nowhere"], 64, "host and port"),
            (["serve", "-g", "g", "--listen", "0.0.0.0:0"], 64, "create a key first"),
            (["keys", "create", "-g", "g"], 64, "--role"),
            (["keys", "revoke", "x", "-g", "g"], 66, "no key 'x'"),
            (["keys", "what", "-g", "g"], 64, "create, list or revoke"),
            (["keys", "list", "-g", "g", "--role", "read"], 64, "only for create"),
        ] as [([String], Int32, String)])
    func refusals(arguments: [String], code: Int32, text: String) throws {
        let result = try TestedProgram(named: "facegallery").run(arguments, in: folderWithGallery())
        #expect(result.exitCode == code, "\(result.err)")
        #expect(result.err.contains(text), "\(result.err)")
    }
}
