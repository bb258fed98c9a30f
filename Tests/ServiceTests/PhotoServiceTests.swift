import FaceImage
import Foundation
import HTTPServer
import Service
import TestSupport
import Testing

@Suite("A service of photos", .enabled(if: RunningService.hasModels))
struct PhotoServiceTests {
    private static func photo(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: SetUpCache.file("photos/\(name)"))))
    }

    private static func form(_ parts: [(String, [UInt8])]) -> (fields: [(String, String)], body: [UInt8]) {
        var body: [UInt8] = []
        for (name, bytes) in parts {
            body += Array(
                "--x\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"a.jpg\"\r\n\r\n".utf8)
            body += bytes + [0x0D, 0x0A]
        }
        return ([("Content-Type", "multipart/form-data; boundary=x")], body + Array("--x--\r\n".utf8))
    }

    @Test("a face that is enrolled by its photo is known on another, in whichever form the photo comes")
    func photos() throws {
        let running = try RunningService(isForPhotos: true)
        let (one, other) = (try Self.photo("obama.jpg"), try Self.photo("obama2.jpg"))
        let image = [("Content-Type", "image/jpeg")]
        let path = "/v1/galleries/faces/subjects/Barack%20Obama/references?source=one.jpg"
        let enrolled = try running.ask("POST", path, fields: image, body: one)
        #expect(enrolled.status == 201, "\(enrolled.text)")
        #expect(enrolled.object["photo"] as? String == "one.jpg")
        let again = try running.ask("POST", path, fields: image, body: one)
        #expect(again.status == 409 && again.object["duplicateOf"] as? String == "1", "\(again.text)")
        let identify = "/v1/galleries/faces/identify"
        let form = Self.form([("photo", other)])
        let answers = [
            try running.ask("POST", identify, fields: image, body: other),
            try running.ask("POST", identify, fields: form.fields, body: form.body),
            try running.ask("POST", identify, json: "{\"photo\":\"\(Data(other).base64EncodedString())\"}"),
        ]
        for reply in answers {
            let answer = (reply.object["answers"] as? [[String: Any]])?.first
            #expect(answer?["decision"] as? String == "match", "\(reply.text)")
            #expect((answer?["face"] as? [String: Any])?["box"] as? [Int] != nil)
        }
        #expect(Set(answers.map { $0.text }).count <= 2)
        let shown = try running.ask("GET", "/v1/galleries/faces/references/1").object
        #expect(shown["source"] as? String == "one.jpg")
        #expect((shown["quality"] as? [String: Any])?["faceSize"] as? Int ?? 0 > 50)
    }

    @Test("photos are compared with each other, and with a subject")
    func verify() throws {
        let running = try RunningService(isForPhotos: true)
        let form = Self.form([("first", try Self.photo("obama.jpg")), ("second", try Self.photo("biden.jpg"))])
        let two = try running.ask("POST", "/v1/verify", fields: form.fields, body: form.body).object
        #expect((two["comparison"] as? [String: Any])?["decision"] as? String == "non-match")
        #expect(two["network"] as? String == "sface")
        let image = [("Content-Type", "image/jpeg")]
        let path = "/v1/galleries/faces/subjects/O/"
        _ = try running.ask("POST", path + "references", fields: image, body: try Self.photo("obama.jpg"))
        let same = try running.ask("POST", path + "verify", fields: image, body: try Self.photo("obama2.jpg"))
            .object
        #expect((same["comparison"] as? [String: Any])?["decision"] as? String == "match")
    }

    @Test("faces are found and encoded without a gallery's help")
    func stateless() throws {
        let running = try RunningService(isForPhotos: true)
        let image = [("Content-Type", "image/jpeg")]
        let photo = try Self.photo("biden.jpg")
        let detected = try running.ask("POST", "/v1/detect", fields: image, body: photo).object
        let face = ((detected["faces"] as? [[String: Any]])?.first)?["face"] as? [String: Any]
        #expect((face?["landmarks"] as? [[Double]])?.count == 5)
        let embedded = try running.ask("POST", "/v1/embed", fields: image, body: photo).object
        let template = (embedded["faces"] as? [[String: Any]])?.first?["embedding"] as? [Double]
        #expect(template?.count == 128)
        #expect(abs((template ?? []).reduce(0) { $0 + $1 * $1 } - 1) < 1e-3)
        // A template that was fetched so is the photo's own.
        let path = "/v1/galleries/faces/subjects/Joe/references"
        _ = try running.ask("POST", path, fields: image, body: photo)
        let found = try running.ask(
            "POST", "/v1/galleries/faces/identify", json: "{\"embedding\":\(template ?? [])}")
        #expect(found.text.contains("\"subject\":\"Joe\""))
    }

    @Test("a photo that cannot be enrolled is refused with the reason and what was measured")
    func refusals() throws {
        let running = try RunningService(isForPhotos: true) { _, settings in
            settings.decoding = DecodeLimits(bytes: 32 << 20, pixels: 20_000_000)
        }
        let path = "/v1/galleries/faces/subjects/Joe/references"
        let image = [("Content-Type", "image/jpeg")]
        let photo = try Self.photo("biden.jpg")
        let small = try running.ask("POST", path + "?minFaceSize=5000", fields: image, body: photo)
        #expect(small.status == 422 && small.code == "face_too_small", "\(small.text)")
        #expect(small.object["limit"] as? Double == 5_000)
        #expect(small.object["measured"] as? Double ?? 0 > 50)
        let grey = Array("P5\n400 400 255\n".utf8) + [UInt8](repeating: 128, count: 160_000)
        let none = try running.ask("POST", path, fields: image, body: grey)
        #expect(none.status == 422 && none.code == "no_face", "\(none.text)")
        let broken = try running.ask("POST", path, fields: image, body: Array(photo.prefix(2_000)))
        #expect(broken.status == 422 && broken.code == "unreadable", "\(broken.text)")
        // A few bytes that claim a giant picture.
        let bomb = Array("P6\n60000 60000 255\n".utf8) + [UInt8](repeating: 1, count: 100)
        let refused = try running.ask("POST", path, fields: image, body: bomb)
        #expect([413, 422].contains(refused.status), "\(refused.text)")
        let empty = try running.ask("POST", path, json: "{\"photo\":\"\"}")
        #expect(empty.status == 422, "\(empty.text)")
        #expect(try running.ask("GET", "/v1/galleries/faces").object["references"] as? Int == 0)
    }

    @Test("a face of another subject is refused where that is asked for")
    func twins() throws {
        let running = try RunningService(isForPhotos: true)
        let image = [("Content-Type", "image/jpeg")]
        let path = "/v1/galleries/faces/subjects/"
        _ = try running.ask("POST", path + "A/references", fields: image, body: try Self.photo("obama.jpg"))
        let twin = try running.ask(
            "POST", path + "B/references?similarPerson=refuse", fields: image,
            body: try Self.photo("obama2.jpg"))
        #expect(twin.status == 422 && twin.code == "duplicate_person", "\(twin.text)")
        #expect(twin.object["duplicateOf"] as? String == "A")
        let told = try running.ask(
            "POST", path + "B/references?similarPerson=report", fields: image,
            body: try Self.photo("obama2.jpg"))
        #expect(told.status == 201 && told.object["duplicateOf"] as? String == "A", "\(told.text)")
    }
}
