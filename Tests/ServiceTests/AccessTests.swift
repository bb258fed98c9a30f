import Foundation
import Glibc
import HTTPServer
import Service
import TestSupport
import Testing

@Suite("Keys and roles")
struct AccessTests {
    @Test(
        "no call works without a key of its role; every call works with one",
        arguments: [Role?.none] + Role.allCases)
    func roles(role: Role?) throws {
        var key: String?
        let running = try RunningService { folder, _ in
            // Without any key, there would be no question.
            _ = try KeyFile(in: folder).create(.read)
            if let role { key = try KeyFile(in: folder).create(role).key }
        }
        let document = try running.ask("GET", "/openapi.json").object
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        var calls = 0
        for (path, methods) in paths {
            for (method, operation) in methods {
                calls += 1
                let needed = (operation["x-role"] as? String).flatMap(Role.init)
                let target = path.replacingOccurrences(of: "{gallery}", with: "faces")
                    .replacingOccurrences(of: "{subject}", with: "nobody")
                    .replacingOccurrences(of: "{reference}", with: "7")
                let status = try running.ask(method.uppercased(), target, key: key).status
                switch (needed, role) {
                case (nil, _): #expect(status == 200 || status == 503, "\(method) \(path)")
                case (_, nil): #expect(status == 401, "\(method) \(path)")
                case (let needed?, let role?):
                    let isAllowed = role >= needed
                    #expect((status == 403) == !isAllowed && status != 401, "\(method) \(path): \(status)")
                }
            }
        }
        #expect(calls >= 20)
    }

    @Test("a key is given by either header; anything else is refused", arguments: ["bearer", "x-api-key"])
    func headers(kind: String) throws {
        var key = ""
        let running = try RunningService { folder, _ in key = try KeyFile(in: folder).create(.read).key }
        func status(_ key: String) throws -> Int {
            let field = kind == "bearer" ? ("Authorization", "bearer \(key)") : ("X-Api-Key", key)
            return try running.ask("GET", "/v1/galleries", fields: [field]).status
        }
        #expect(try status(key) == 200)
        let (start, last) = (String(key.dropLast()), key.last == "0" ? "1" : "0")
        for wrong in [start + last, key + "0", start, key.uppercased(), "", "fgk__", "ü"] {
            #expect(try status(wrong) == 401, "\(wrong)")
        }
        let reply = try running.ask("GET", "/v1/galleries")
        #expect(reply.fields["www-authenticate"] == "Bearer")
        #expect(!reply.text.contains(key))
    }

    @Test("a revoked key is good for nothing without a restart, a new one at once, an old one until its end")
    func revocation() throws {
        var first = ("", "")
        let running = try RunningService { folder, _ in
            let made = try KeyFile(in: folder).create(.read)
            first = (made.kept.id, made.key)
        }
        let file = KeyFile(in: running.folder.file("faces"))
        func status(_ key: String) throws -> Int { try running.ask("GET", "/v1/galleries", key: key).status }
        #expect(try status(first.1) == 200)
        let second = try file.create(.admin).key
        let short = try file.create(.admin, lifetime: -1).key
        running.service.refresh()
        #expect(try status(second) == 200)
        #expect(try status(short) == 401)
        try file.revoke(first.0)
        // Noticed by itself, too.
        let start = ContinuousClock.now
        while try status(first.1) == 200, ContinuousClock.now - start < .seconds(10) { usleep(50_000) }
        #expect(try status(first.1) == 401)
        #expect(try status(second) == 200)
        // A file that is gone does not open the door.
        try FileManager.default.removeItem(atPath: file.path)
        running.service.refresh()
        #expect(try status(second) == 401)
        #expect(try running.ask("GET", "/v1/galleries").status == 401)
    }

    @Test("a server that began without keys asks for them as soon as there are some")
    func firstKey() throws {
        let running = try RunningService()
        #expect(try running.ask("GET", "/v1/galleries").status == 200)
        let key = try KeyFile(in: running.folder.file("faces")).create(.read).key
        running.service.refresh()
        #expect(try running.ask("GET", "/v1/galleries").status == 401)
        #expect(try running.ask("GET", "/v1/galleries", key: key).status == 200)
    }

    @Test("a key for one gallery neither opens nor lists another")
    func galleries() throws {
        var key = ""
        let running = try RunningService(galleries: ["north", "south"]) { folder, _ in
            key = try KeyFile(in: folder).create(.admin, galleries: ["north"]).key
        }
        #expect(try running.ask("GET", "/v1/galleries/north/subjects", key: key).status == 200)
        #expect(try running.ask("GET", "/v1/galleries/south/subjects", key: key).status == 403)
        let listed = try running.ask("GET", "/v1/galleries", key: key).object["galleries"] as? [[String: Any]]
        #expect(listed?.map { $0["gallery"] as? String } == ["north"])
    }

    @Test("a folder's galleries are served by name, and nothing else of it or outside")
    func folder() throws {
        let running = try RunningService(galleries: ["north", "süd & co"])
        let secret = running.folder.file("secret")
        try FileManager.default.createDirectory(atPath: secret, withIntermediateDirectories: true)
        #expect(try running.ask("GET", "/v1/galleries/s%C3%BCd%20%26%20co/subjects").status == 200)
        for name in ["secret", "..", ".", "", "north%2F..%2Fnorth", "%2E%2E%2F", "north%00", "*"] {
            #expect(try running.ask("GET", "/v1/galleries/\(name)/subjects").status == 404, "\(name)")
        }
        let listed = try running.ask("GET", "/v1/galleries").object["galleries"] as? [[String: Any]]
        #expect(listed?.map { $0["gallery"] as? String } == ["north", "süd & co"])
    }

    @Test("other machines are let in only where there are keys")
    func loopback() throws {
        let folder = try TemporaryFolder()
        try FaceGalleryMaker.make(at: folder.file("g"))
        let open = try GalleryService(ServiceSettings(.gallery(folder.file("g"))))
        let error = #expect(throws: ServiceError.self) { try open.start(on: "0.0.0.0:0") }
        #expect("\(error!)".contains("create a key first"))
        _ = try KeyFile(in: folder.file("g")).create(.read)
        let closed = try GalleryService(ServiceSettings(.gallery(folder.file("g"))))
        #expect(try closed.start(on: "0.0.0.0:0") > 0)
        closed.drain(within: 5)
    }

    @Test("only hashes of keys are kept, and two processes lose none of each other's")
    func file() throws {
        let folder = try TemporaryFolder()
        let file = KeyFile(in: folder.path)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in _ = try? file.create(.enroll) }
        let (kept, key) = try file.create(.admin, galleries: ["a"], lifetime: 60)
        #expect(try file.read()?.count == 9)
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        #expect(text.contains(kept.id) && !text.contains(String(key.suffix(64))))
        #expect(key.hasPrefix("fgk_\(kept.id)_"))
        var status = stat()
        #expect(unsafe stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(throws: KeyError.unknown(id: "zz", path: file.path)) { try file.revoke("zz") }
        try "{".write(toFile: file.path, atomically: true, encoding: .utf8)
        #expect(throws: KeyError.self) { try file.read() }
        #expect(throws: KeyError.self) { try file.create(.read) }
    }
}
