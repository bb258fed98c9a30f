import FaceImage
import Foundation
import TestSupport
import Testing

@Suite("reading a photo's file") struct PhotoFileTests {
    private func failure(_ source: PhotoSource, limits: DecodeLimits = .standard) -> PhotoError? {
        do throws(PhotoError) {
            _ = try PhotoFile(source, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("a file is read whole, under the name it was given")
    func whole() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = try folder.write(bytes, to: "photo é.jpg")
        let file = try PhotoFile(.path(path))
        #expect(file.bytes == bytes)
        #expect(file.name == path)
    }

    @Test("what is not there is missing: exit code 66")
    func missing() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write([1], to: "file")
        for path in [folder.file("none.jpg"), file + "/inside.jpg", "", "a\0b"] {
            #expect(failure(.path(path)) == .missing(name: path))
        }
        #expect(failure(.path("gone.jpg"))?.kind == .missing)
        #expect(failure(.path("gone.jpg"))?.description == "gone.jpg: no such file")
    }

    @Test("a link that leads nowhere is missing, one that leads to itself is not readable")
    func links() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("nowhere"), withDestinationPath: folder.file("none"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("loop"), withDestinationPath: folder.file("loop"))
        #expect(failure(.path(folder.file("nowhere"))) == .missing(name: folder.file("nowhere")))
        #expect(failure(.path(folder.file("loop")))?.kind == .system)
    }

    @Test("a folder and a pipe are told apart, and no pipe holds the caller")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        #expect(failure(.path(folder.path)) == .isFolder(name: folder.path))
        try #require(makePipe(folder.file("pipe")))
        #expect(failure(.path(folder.file("pipe"))) == .notAFile(name: folder.file("pipe")))
        #expect(failure(.path("/dev/zero")) == .notAFile(name: "/dev/zero"))
    }

    @Test("an empty file is bad data: exit code 65")
    func empty() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([], to: "empty.jpg")
        #expect(failure(.path(path)) == .empty(name: path))
        #expect(failure(.path(path))?.kind == .badData)
        #expect(failure(.bytes([], name: "nothing")) == .empty(name: "nothing"))
    }

    @Test("a file beyond the limit is refused before it is read")
    func tooLong() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "sparse.jpg")
        // A terabyte that takes no room on disk and could not be read into memory.
        try #require(lengthen(path, to: 1 << 40))
        #expect(failure(.path(path)) == .tooManyBytes(name: path, bytes: 1 << 40, limit: 128 << 20))
        #expect(failure(.path(path))?.description.contains("1099511627776 bytes") == true)
    }

    @Test("the byte limit is the last length that passes")
    func byteLimit() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([UInt8](repeating: 1, count: 100), to: "photo")
        #expect(failure(.path(path), limits: DecodeLimits(bytes: 100)) == nil)
        let expected: (String) -> PhotoError = { .tooManyBytes(name: $0, bytes: 100, limit: 99) }
        #expect(failure(.path(path), limits: DecodeLimits(bytes: 99)) == expected(path))
        let bytes = [UInt8](repeating: 1, count: 100)
        #expect(failure(.bytes(bytes, name: "b"), limits: DecodeLimits(bytes: 99)) == expected("b"))
    }

    @Test("without permission a file is not readable: exit code 66")
    func permission() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = try folder.write([1], to: "secret.jpg")
            try #require(forbidReading(path))
            // The superuser may read everything; this process of the test alone becomes somebody else.
            if geteuid() == 0 { try #require(seteuid(65_534) == 0) }
            #expect(throws: PhotoError.notReadable(name: path)) { try PhotoFile(.path(path)) }
            _ = seteuid(0)
        }
    }

    @Test("standard input is read to its end, from a pipe and from a file")
    func standardInput() async {
        await #expect(processExitsWith: .success) {
            let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let pipe = Pipe()
            dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
            let writer = Thread {
                try? pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
                try? pipe.fileHandleForWriting.close()
            }
            writer.start()
            let file = try PhotoFile(.standardInput)
            #expect(file.bytes == bytes)
            #expect(file.name == "standard input")

            let folder = try TemporaryFolder()
            let path = try folder.write(bytes, to: "photo")
            useAsStandardInput(path)
            #expect(try PhotoFile(.standardInput).bytes == bytes)
            #expect(throws: PhotoError.empty(name: "standard input")) { try PhotoFile(.standardInput) }
        }
    }

    @Test("of a pipe no more is read than the limit, however much comes")
    func endlessPipe() async {
        await #expect(processExitsWith: .success) {
            useAsStandardInput("/dev/zero")
            let limits = DecodeLimits(bytes: 100_000)
            #expect(throws: PhotoError.tooManyBytes(name: "standard input", bytes: nil, limit: 100_000)) {
                try PhotoFile(.standardInput, limits: limits)
            }
        }
    }

    @Test("a folder on standard input is told as one")
    func folderOnStandardInput() async {
        await #expect(processExitsWith: .success) {
            useAsStandardInput("/tmp")
            #expect(throws: PhotoError.isFolder(name: "standard input")) { try PhotoFile(.standardInput) }
        }
    }

    @Test("a file that has grown since its length was asked is read to its end")
    func grown() throws {
        // Its length is given as 0, and it has more.
        let file = try PhotoFile(.path("/proc/self/status"))
        #expect(String(decoding: file.bytes, as: UTF8.self).hasPrefix("Name:"))
        #expect(
            failure(.path("/proc/self/status"), limits: DecodeLimits(bytes: 100))
                == .tooManyBytes(name: "/proc/self/status", bytes: nil, limit: 100))
    }

    @Test("limits without end do not trap")
    func endlessLimits() throws {
        #expect(try PhotoFile(.path("/proc/self/status"), limits: DecodeLimits(bytes: .max)).bytes.count > 100)
        #expect(failure(.path("/proc/self/status"), limits: DecodeLimits(bytes: -1))?.kind == .badData)
    }

    @Test("who wants to stop does not wait for a pipe in which nothing comes", .timeLimit(.minutes(10)))
    func silentPipe() async {
        await #expect(processExitsWith: .success) {
            let pipe = Pipe()
            dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
            var asked = 0
            #expect(throws: PhotoError.stopped(name: "standard input")) {
                try PhotoFile(
                    .standardInput,
                    shouldStop: {
                        asked += 1
                        return asked > 2
                    })
            }
            #expect(asked == 3)
        }
    }

    @Test("every error is one line that begins with the photo's name and does not repeat a bare code")
    func descriptions() {
        let name = "a/b.jpg"
        let errors: [PhotoError] = [
            .missing(name: name), .notReadable(name: name), .isFolder(name: name), .notAFile(name: name),
            .unreadable(name: name, reason: "input/output error"), .empty(name: name),
            .tooManyBytes(name: name, bytes: 9, limit: 8), .tooManyBytes(name: name, bytes: nil, limit: 8),
            .tooManyPixels(name: name, width: 9, height: 8, limit: 7), .notAPhoto(name: name),
            .damaged(name: name, reason: "cut short"), .decoderUnavailable(name: name, reason: "no library"),
            .notReadableHere(name: name, format: .jpegXL), .cameraRaw(name: name),
            .unusualPixels(name: name, what: "have 5 channels"),
            .tooFewBytes(name: name, bytes: 9, width: 8, height: 7),
            .tooManyParts(name: name, parts: "scans", count: 9, limit: 8),
            .tooSlow(name: name, seconds: 20.04, limit: 20),
            .tooSlow(name: name, seconds: .nan, limit: .infinity),
            .stopped(name: name),
        ]
        for error in errors {
            #expect(error.description.hasPrefix("a/b.jpg: "))
            #expect(!error.description.contains("\n"))
            #expect(error.name == name)
        }
        #expect(
            PhotoError.tooSlow(name: name, seconds: 20.04, limit: 20).description.contains(
                "took 20.0 s of processor time, the limit is 20.0 s per photo"))
        #expect(PhotoError.notAPhoto(name: name).description.contains(PhotoFormat.readableNames))
    }
}

// The system's calls take C strings, which live as long as the call.

private func makePipe(_ path: String) -> Bool { unsafe mkfifo(path, 0o600) == 0 }

private func lengthen(_ path: String, to length: Int) -> Bool { unsafe truncate(path, length) == 0 }

private func forbidReading(_ path: String) -> Bool { unsafe chmod(path, 0) == 0 }

private func useAsStandardInput(_ path: String) { dup2(unsafe open(path, O_RDONLY), STDIN_FILENO) }
