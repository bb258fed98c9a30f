import Foundation
import Glibc
import HTTPServer
import Service
import TestSupport
import Testing

@Suite("What a service tells of itself")
struct TellingTests {
    @Test("the log has a line per request and neither keys, names nor templates")
    func log() throws {
        var key = ""
        let running = try RunningService(logsTo: "log") { folder, _ in
            key = try KeyFile(in: folder).create(.admin).key
        }
        let secret = "Secret Subject"
        let path = "/v1/galleries/faces/subjects/\(PercentCoding.encodeSegment(secret))"
        _ = try running.ask("POST", path + "/references?source=Private.jpg", json: embedding(3), key: key)
        _ = try running.ask("GET", path, key: key)
        _ = try running.ask("GET", "/v1/galleries/NoSuchGallery/subjects", key: key)
        _ = try running.ask("GET", "/v1/galleries?key=\(key)", key: key)
        _ = try running.ask("GET", "/unknown/\(secret.replacingOccurrences(of: " ", with: ""))", key: key)
        _ = try running.ask("BREW", "/", key: "fgk_wrong")
        running.service.drain(within: 5)
        let text = try String(contentsOfFile: running.folder.file("log"), encoding: .utf8)
        let lines = try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        // Connections of their own end in any order.
        #expect(lines.compactMap { $0["status"] as? Int }.sorted() == [200, 201, 400, 404, 404, 404])
        let enrolled = try #require(lines.first { $0["status"] as? Int == 201 })
        #expect(enrolled["verb"] as? String == "enroll")
        #expect(enrolled["gallery"] as? String == "faces")
        #expect(enrolled["key"] as? String == String(key.split(separator: "_")[1]))
        let seconds = enrolled["seconds"] as? [String: Double]
        #expect(seconds?["store"] ?? -1 >= 0 && seconds?["work"] ?? -1 >= seconds?["store"] ?? 0)
        // A list of numbers would be a template's; a time may have any digits.
        let words = [
            "Secret", "Private", "NoSuchGallery", String(key.suffix(64)), "fgk_", "BREW", "embedding", "[0.",
            ",0.",
        ]
        for private_ in words {
            #expect(
                !text.replacingOccurrences(of: #""seconds":\{[^}]*\}"#, with: "", options: .regularExpression)
                    .contains(private_), "\(private_)")
        }
    }

    @Test("figures count what was asked, in Prometheus' form")
    func metrics() throws {
        let running = try RunningService()
        _ = try running.enroll("Ada", axis: 1)
        _ = try running.enroll("Ada", axis: 2)
        _ = try running.enroll(" ", axis: 2)
        _ = try running.ask("POST", "/v1/galleries/faces/identify?minSimilarity=0.5", json: embedding(1))
        _ = try running.ask("GET", "/nothing")
        var reply = try running.ask("GET", "/metrics")
        // An answer is counted when it is sent whole, which may be after the client has read it.
        for _ in 0..<100 where !reply.text.contains("endpoint=\"none\",status=\"404\"") {
            usleep(20_000)
            reply = try running.ask("GET", "/metrics")
        }
        #expect(reply.fields["content-type"]?.hasPrefix("text/plain") == true)
        for line in [
            "gallery_subjects{gallery=\"faces\"} 1", "gallery_references{gallery=\"faces\"} 2",
            "identify_decisions_total{decision=\"match\"} 1", "enroll_rejected_total{reason=\"bad_name\"} 1",
            "http_responses_total{method=\"POST\",endpoint=\"enroll\",status=\"201\"} 2",
            "http_responses_total{method=\"other\",endpoint=\"none\",status=\"404\"} 1",
            "http_responses_duration_seconds_count{endpoint=\"identify\"} 1",
        ] { #expect(reply.text.split(separator: "\n").contains(line[...]), "\(line)") }
        for line in reply.text.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
        }
    }

    @Test("health needs no key, and readiness comes once the index has answered")
    func health() throws {
        let running = try RunningService { folder, _ in _ = try KeyFile(in: folder).create(.read) }
        #expect(try running.ask("GET", "/healthz").object["status"] as? String == "ok")
        let start = ContinuousClock.now
        while try running.ask("GET", "/readyz").status != 200, ContinuousClock.now - start < .seconds(10) {}
        #expect(try running.ask("GET", "/readyz").object["version"] as? String == "test")
        #expect(try running.ask("HEAD", "/healthz").status == 200)
    }

    @Test("answers are kept by no cache and run as no page")
    func headers() throws {
        let reply = try RunningService().ask("GET", "/healthz")
        #expect(reply.fields["cache-control"] == "no-store")
        #expect(reply.fields["x-content-type-options"] == "nosniff")
        #expect(reply.fields["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(reply.fields["access-control-allow-origin"] == nil)
        #expect(reply.fields["set-cookie"] == nil)
    }

    @Test("the description names every schema it uses, and has no place or body that a call lacks")
    func openAPI() throws {
        let reply = try RunningService().ask("GET", "/openapi.json")
        let document = reply.object
        #expect(document["openapi"] as? String == "3.1.0")
        let components = try #require(document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: Any])
        var used: Set<String> = []
        for part in reply.text.components(separatedBy: "\"#/components/schemas/").dropFirst() {
            used.insert(String(part.prefix { $0 != "\"" }))
        }
        #expect(used.subtracting(schemas.keys) == [])
        #expect(used.isSuperset(of: ["AnswerRecord", "CandidateRecord", "EnrollmentRecord", "ProblemRecord"]))
        let candidate = try #require(schemas["CandidateRecord"] as? [String: Any])
        #expect(
            Set(candidate["required"] as? [String] ?? []) == ["rank", "reference", "similarity", "subject"])
        let answer = try #require((schemas["AnswerRecord"] as? [String: Any])?["properties"] as? [String: Any])
        #expect((answer["threshold"] as? [String: Any])?["type"] as? [String] == ["number", "null"])
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        for (path, methods) in paths {
            for operation in methods.values {
                let parameters = operation["parameters"] as? [[String: Any]] ?? []
                let places = parameters.filter { $0["in"] as? String == "path" }.compactMap {
                    $0["name"] as? String
                }
                let written = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                    String($0.dropFirst().dropLast())
                }
                #expect(places == written)
            }
        }
    }
}
