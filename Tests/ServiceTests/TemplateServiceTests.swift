import Foundation
import Gallery
import HTTPServer
import Service
import TestSupport
import Testing

@Suite("A service of given templates")
struct TemplateServiceTests {
    @Test("what is enrolled is found at once, and stays when the server has ended")
    func enrolAndIdentify() throws {
        let running = try RunningService()
        let enrolled = try running.enroll("Ada", axis: 3)
        #expect(enrolled.status == 201)
        #expect(enrolled.object["status"] as? String == "enrolled")
        #expect(enrolled.object["reference"] as? Int == 1)
        #expect(enrolled.fields["location"] == "/v1/galleries/faces/references/1")
        #expect(try running.enroll("Grace", axis: 5).status == 201)
        let found = try running.ask(
            "POST", "/v1/galleries/faces/identify?minSimilarity=0.5&k=2", json: embedding(3, lean: 0.1))
        #expect(found.status == 200)
        #expect(found.object["gallery"] as? String == "faces")
        #expect(found.object["network"] as? String == "given-templates")
        let answer = (found.object["answers"] as? [[String: Any]])?.first
        #expect(answer?["decision"] as? String == "match")
        #expect(answer?["threshold"] as? Double == 0.5)
        let candidates = answer?["candidates"] as? [[String: Any]]
        #expect(candidates?.map { $0["subject"] as? String } == ["Ada", "Grace"])
        running.service.drain(within: 5)
        let gallery = try FaceGallery(at: running.folder.file("faces"), readOnly: true)
        #expect(try gallery.size().references == 2)
        #expect(try gallery.check().problems.isEmpty)
    }

    @Test("the same template for the same subject is one reference, and is told as that")
    func twice() throws {
        let running = try RunningService()
        _ = try running.enroll("Ada", axis: 3)
        let again = try running.enroll("Ada", axis: 3)
        #expect(again.status == 409)
        #expect(again.code == "already_enrolled")
        #expect(again.object["duplicateOf"] as? String == "1")
        #expect(again.fields["content-type"] == "application/problem+json")
        #expect(try running.enroll("Grace", axis: 3).status == 201)
        let size = try FaceGallery(at: running.folder.file("faces"), readOnly: true).size()
        #expect(size.references == 2)
    }

    @Test("a template may be raw float32 as well")
    func rawTemplates() throws {
        let running = try RunningService()
        let octets = [("Content-Type", "application/octet-stream")]
        let enrolled = try running.ask(
            "POST", "/v1/galleries/faces/subjects/Ada/references?source=a.jpg", fields: octets,
            body: raw([axis(2)]))
        #expect(enrolled.object["photo"] as? String == "a.jpg")
        let found = try running.ask(
            "POST", "/v1/galleries/faces/identify", fields: octets, body: raw([axis(2)]))
        #expect(found.text.contains("\"subject\":\"Ada\""))
    }

    @Test("answers are what docs/json.md says of them")
    func documented() throws {
        let (running, page) = (try RunningService(), try JSONPage())
        let subject = "/v1/galleries/faces/subjects/Ada"
        let answers = [
            ("EnrollmentRecord", try running.enroll("Ada", axis: 1)),
            ("ProblemRecord", try running.enroll("Ada", axis: 1)),
            ("ProblemRecord", try running.enroll(" ", axis: 1)),
            ("ProblemRecord", try running.ask("GET", "/nothing")),
            (
                "IdentificationRecord",
                try running.ask("POST", "/v1/galleries/faces/identify", json: embedding(1))
            ),
            ("SubjectPageRecord", try running.ask("GET", "/v1/galleries/faces/subjects")),
            ("SubjectDetailRecord", try running.ask("GET", subject)),
            ("ReferenceRecord", try running.ask("GET", "/v1/galleries/faces/references/1")),
            ("ComparisonRecord", try running.ask("POST", subject + "/verify", json: embedding(1))),
            ("GalleryListRecord", try running.ask("GET", "/v1/galleries")),
            ("GalleryRecord", try running.ask("GET", "/v1/galleries/faces")),
            ("HealthRecord", try running.ask("GET", "/healthz")),
            ("ChangeRecord", try running.ask("PATCH", subject, json: "{\"subject\":\"Bea\"}")),
            ("ChangeRecord", try running.ask("DELETE", "/v1/galleries/faces/references/1")),
        ]
        for (type, reply) in answers {
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(reply.body))
            #expect(page.faults(of: value, as: "`\(type)`") == [], "\(type): \(reply.text)")
        }
    }

    @Test("many templates are answered in order, also where some cannot be searched")
    func batch() throws {
        let running = try RunningService()
        for number in 0..<4 { _ = try running.enroll("S\(number)", axis: number) }
        let rows = (0..<300).map { axis($0 % 4) }
        let reply = try running.ask(
            "POST", "/v1/galleries/faces/identify/batch?k=1",
            fields: [("Content-Type", "application/octet-stream")],
            body: raw(rows))
        #expect(reply.fields["content-type"] == "application/x-ndjson")
        #expect(reply.lines.map { $0["probe"] as? String } == (0..<300).map(String.init))
        let subjects = reply.lines.map { ($0["candidates"] as? [[String: Any]])?.first?["subject"] as? String }
        #expect(subjects == (0..<300).map { "S\($0 % 4)" })
        let zero = [Float](repeating: 0, count: RunningService.dimension)
        let lines = [
            embedding(1), "", "{\"embedding\":\(zero)}", "no JSON", "{\"embedding\":[1,2]}", embedding(2),
        ]
        let mixed = try running.ask(
            "POST", "/v1/galleries/faces/identify/batch", fields: [("Content-Type", "application/x-ndjson")],
            body: Array(lines.joined(separator: "\n").utf8))
        #expect(mixed.lines.map { $0["probe"] as? String } == ["1", "3", "4", "5", "6"])
        #expect(
            mixed.lines.map { $0["reason"] as? String } == [
                nil, "bad_template", "bad_entry", "wrong_dimension", nil,
            ])
    }

    @Test(
        "subjects of any name are listed, shown, renamed, merged and removed",
        arguments: ["a/b", "Zoë & Søn?#%", "../../etc/passwd", "\u{1F600}", "名前", "a b+c", "%2F", "."])
    func names(name: String) throws {
        let running = try RunningService()
        let path = "/v1/galleries/faces/subjects/"
        let segment = path + PercentCoding.encodeSegment(name)
        #expect(try running.enroll(name, axis: 1).status == 201)
        let listed = try running.ask("GET", "/v1/galleries/faces/subjects")
        #expect((listed.object["subjects"] as? [[String: Any]])?.map { $0["subject"] as? String } == [name])
        let shown = try running.ask("GET", segment)
        #expect(shown.object["subject"] as? String == name)
        #expect((shown.object["references"] as? [Any])?.count == 1)
        _ = try running.enroll("other", axis: 2)
        #expect(try running.ask("PATCH", segment, json: "{\"subject\":\"other\"}").code == "name_taken")
        let renamed = try running.ask("PATCH", path + "other", json: "{\"subject\":\"  new/name \"}")
        #expect(renamed.object["subject"] as? String == "new/name")
        let merged = try running.ask("POST", path + "new%2Fname/merge", json: "{\"into\":\(Self.quoted(name))}")
        #expect(merged.status == 200 && merged.object["references"] as? Int == 1)
        #expect(try running.ask("GET", path + "new%2Fname").code == "unknown_subject")
        let removed = try running.ask("DELETE", segment)
        #expect(removed.object["references"] as? Int == 2)
        #expect(try running.ask("DELETE", segment).code == "unknown_subject")
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    @Test("the list of subjects comes in parts, and by the beginning of names")
    func pages() throws {
        let running = try RunningService()
        let names = ["Abel", "Ada", "Adele", "Bo", "adam", "Ädelheid"]
        for (number, name) in names.enumerated() { _ = try running.enroll(name, axis: number) }
        var (found, cursor): ([String], String?) = ([], nil)
        repeat {
            let query = cursor.map { "&cursor=\(PercentCoding.encodeSegment($0))" } ?? ""
            let page = try running.ask("GET", "/v1/galleries/faces/subjects?limit=2\(query)").object
            let subjects = page["subjects"] as? [[String: Any]] ?? []
            #expect(subjects.count == 2)
            found += subjects.compactMap { $0["subject"] as? String }
            cursor = page["next"] as? String
        } while cursor != nil
        #expect(found == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        let some = try running.ask("GET", "/v1/galleries/faces/subjects?prefix=Ad").object
        #expect(
            (some["subjects"] as? [[String: Any]])?.compactMap { $0["subject"] as? String } == ["Ada", "Adele"])
        #expect(some["next"] == nil)
    }

    @Test("references are shown and removed by their number")
    func references() throws {
        let running = try RunningService()
        _ = try running.enroll("Ada", axis: 1)
        let path = "/v1/galleries/faces/references/"
        #expect(try running.ask("GET", path + "1").object["subject"] as? String == "Ada")
        for unknown in ["2", "0", "-1", "x", "99999999999999999999"] {
            #expect(try running.ask("GET", path + unknown).code == "unknown_reference")
        }
        #expect(try running.ask("DELETE", path + "1").status == 200)
        #expect(try running.ask("DELETE", path + "1").status == 404)
        #expect(try running.ask("GET", "/v1/galleries/faces/subjects/Ada").status == 404)
    }

    @Test("a template is compared with a subject")
    func verify() throws {
        let running = try RunningService()
        _ = try running.enroll("Ada", axis: 1)
        let path = "/v1/galleries/faces/subjects/Ada/verify?minSimilarity=0.5"
        let same = try running.ask("POST", path, json: embedding(1)).object["comparison"] as? [String: Any]
        #expect(same?["decision"] as? String == "match")
        let other = try running.ask("POST", path, json: embedding(7)).object["comparison"] as? [String: Any]
        #expect(other?["decision"] as? String == "non-match")
        let nobody = path.replacingOccurrences(of: "Ada", with: "Bob")
        #expect(try running.ask("POST", nobody, json: embedding(1)).code == "unknown_subject")
    }

    @Test("what another process enrols is found by the next request")
    func others() throws {
        let running = try RunningService()
        _ = try running.enroll("Ada", axis: 1)
        let gallery = try FaceGallery(at: running.folder.file("faces"))
        _ = try gallery.enroll([.init(subject: "Bob", source: "", template: axis(9))])
        let found = try running.ask("POST", "/v1/galleries/faces/identify?k=1", json: embedding(9))
        #expect(found.text.contains("\"subject\":\"Bob\""))
    }

    @Test(
        "what is wrong with a request is told with a code, the field and the remedy",
        arguments: [
            ("POST", "/v1/galleries/faces/identify?k=0", "{}", 400, "bad_parameter", "k"),
            ("POST", "/v1/galleries/faces/identify?k=1&k=2", "{}", 400, "bad_parameter", "k"),
            ("POST", "/v1/galleries/faces/identify?kk=1", "{}", 400, "unknown_parameter", "kk"),
            (
                "POST", "/v1/galleries/faces/identify?minSimilarity=nan", "{}", 400, "bad_parameter",
                "minSimilarity"
            ),
            ("POST", "/v1/galleries/faces/identify?fusion=x", "{}", 400, "bad_parameter", "fusion"),
            ("POST", "/v1/galleries/faces/identify", "{}", 400, "missing_member", "embedding"),
            ("POST", "/v1/galleries/faces/identify", "[]", 400, "bad_json", ""),
            ("POST", "/v1/galleries/faces/identify", "{\"embedding\":[1]}", 422, "wrong_dimension", ""),
            ("POST", "/v1/galleries/faces/identify", "{\"photo\":\"%%\"}", 400, "bad_base64", "photo"),
            (
                "POST", "/v1/galleries/faces/identify", "{\"photo\":\"aGFsbG8=\"}", 422, "given_templates",
                "photo"
            ),
            ("POST", "/v1/galleries/other/identify", "{}", 404, "unknown_gallery", "gallery"),
            (
                "POST", "/v1/galleries/faces/subjects/%20/references", "{\"embedding\":[]}", 422,
                "wrong_dimension", ""
            ),
            ("PATCH", "/v1/galleries/faces/subjects/x", "{\"subject\":5}", 400, "missing_member", "subject"),
            ("GET", "/v2", "", 404, "unknown_path", ""),
            ("GET", "/v1/galleries/faces/subjects/", "", 404, "unknown_subject", ""),
            ("PUT", "/v1/galleries", "", 405, "unknown_method", ""),
        ] as [(String, String, String, Int, String, String)])
    func problems(
        method: String, target: String, json: String, status: Int, code: String, field: String
    ) throws {
        let running = try RunningService()
        let reply = try running.ask(method, target, json: json)
        #expect(reply.status == status, "\(reply.text)")
        #expect(reply.code == code, "\(reply.text)")
        #expect(reply.object["field"] as? String ?? "" == field, "\(reply.text)")
        #expect(reply.object["status"] as? Int == status)
        #expect(reply.object["requestId"] as? String == reply.fields["x-request-id"])
        #expect(reply.fields["content-type"] == "application/problem+json")
    }

    @Test("names that no subject may have are refused with the reason")
    func badNames() throws {
        let running = try RunningService()
        for name in ["", " ", "a\u{0}b", "a\nb", "\u{200B}", String(repeating: "x", count: 512)] {
            let reply = try running.enroll(name, axis: 1)
            #expect(reply.status == 422 && reply.code == "bad_name", "\(reply.text)")
        }
    }

    @Test("JSON that lies deep, is huge, or is no UTF-8 is refused, and others are served")
    func hostileJSON() throws {
        let running = try RunningService { _, settings in settings.bodyBytes = 4 << 20 }
        let path = "/v1/galleries/faces/identify"
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        for json in ["{\"embedding\":\(deep)}", deep, String(repeating: "{\"a\":", count: 10_000)] {
            let reply = try running.ask("POST", path, json: json)
            #expect(reply.status == 400, "\(reply.text)")
        }
        let type = [("Content-Type", "application/json")]
        let bad = Array("{\"embedding\":[1],\"x\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
        #expect(try running.ask("POST", path, fields: type, body: bad).code == "bad_json")
        let huge = "{\"embedding\":[" + String(repeating: "1,", count: 1_000_000) + "1]}"
        #expect(try running.ask("POST", path, json: huge).code == "wrong_dimension")
        let over = [UInt8](repeating: 0x20, count: 5 << 20)
        #expect(try running.ask("POST", path, fields: type, body: over).code == "body_too_large")
        #expect(try running.enroll("Ada", axis: 1).status == 201)
    }

    @Test("requests at once from many connections all get right answers")
    func parallel() throws {
        let running = try RunningService()
        for number in 0..<16 { _ = try running.enroll("S\(number)", axis: number) }
        let clients = try (0..<32).map { _ in try running.connect() }
        for round in 0..<10 {
            for (number, client) in clients.enumerated() {
                client.send(
                    "POST", "/v1/galleries/faces/identify?k=1", fields: [("Content-Type", "application/json")],
                    body: Array(embedding((number + round) % 16).utf8))
            }
            for (number, client) in clients.enumerated() {
                #expect(try client.reply().text.contains("\"subject\":\"S\((number + round) % 16)\""))
            }
        }
    }
}
