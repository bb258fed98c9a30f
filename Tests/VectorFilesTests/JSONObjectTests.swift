import Foundation
import TestSupport
import Testing

@testable import VectorFiles

@Suite("Objects of JSON")
struct JSONObjectTests {
    let reader: JSONObjectReader

    init() throws { reader = try JSONObjectReader(name: "x.jsonl") }

    func object(_ text: String) throws -> JSONObject? { try reader.object(in: Array(text.utf8)[...]) }

    @Test("give members by key, the first where one comes twice, and nothing of another kind")
    func members() throws {
        let object = try #require(
            try object(
                #" {"a": "Zo\u00eb\n\"", "n": 7, "x": -2.5, "big": 12345678901234567890, "none": null, "a ": 1, "whole": 7.0e3, "far": 1e19,"#
                    + #""in": {"deep": {"deeper": [1, {}]}, "y": 3}, "y": "out", "n": 8, "t": true} "#))
        #expect(object.text("a") == "Zoë\n\"")
        #expect(object.integer("n") == 7 && object.double("n") == 7)
        #expect(object.integer("whole") == 7_000 && object.integer("far") == nil)
        #expect(object.double("x") == -2.5 && object.integer("x") == nil)
        #expect(object.double("big") == 12_345_678_901_234_567_168 && object.integer("big") == nil)
        #expect(object.text("y") == "out" && object.object("in")?.integer("y") == 3)
        #expect(object.text("n") == nil && object.double("a") == nil && object.object("a") == nil)
        #expect(unsafe object.floats("n") == nil && object.integer("t") == nil && object.text("t") == nil)
        #expect(object.isMissing("none") && object.isMissing("deep") && !object.isMissing("in"))
        #expect(object.object("in")?.object("deep") == nil)
        #expect(object.texts == nil)
        #expect(try self.object(#"{"b": "1", "c": "", "b": "2"}"#)?.texts == ["b": "1", "c": ""])
        #expect(try self.object("{}")?.texts == [:])
    }

    @Test(
        "that are none, or are followed by anything, are refused",
        arguments: [
            "", " ", "7", "[1]", "\"a\"", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} x",
            "{\"a\":1}{}",
            "{\"a\":1}]", "{\"a\":tru}", "{\"a\":nullx}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":1e400}",
            "{\"a\":[1e400]}",
            "{\"a\":[1 2]}", "{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":{\"b\":1]}", "{\"a\":1 \"b\":2}", "{a:1}",
            "{\"a\":NaN}",
            "{\"x\":\"\u{1}\"}", "{\"x\":[[tru]]}", "{\"x\":\"\\q\"}", "{\"x\":[\"\\u12\"]}",
            "{\"x\":\"\\u12g4\"}",
            "{\"x\":[{\"y\":nul}]}",
        ])
    func refused(text: String) throws {
        #expect(try object(text) == nil)
    }

    @Test("may have texts whose escapes name no characters: they are none, and the rest is read")
    func loneSurrogates() throws {
        // As Python writes the bytes of a file name that is not UTF-8.
        let object = try #require(
            try object(#"{"file": "caf\udce9", "all": ["\ud800", "\\"], "subject": "Zoë", "v": [1]}"#))
        #expect(object.text("file") == nil && !object.isMissing("file"))
        #expect(unsafe object.text("subject") == "Zoë" && object.floats("v")?.first == 1)
        #expect(object.texts == nil)
    }

    @Test("may have a byte order mark before them, as some programs write")
    func byteOrderMark() throws {
        #expect(try object("\u{FEFF}{\"a\":1}")?.integer("a") == 1)
        #expect(try object("\u{FEFF}\u{FEFF}{}") == nil)
    }

    @Test("that are not UTF-8, lie too deep or are too wide are refused")
    func hostile() throws {
        #expect(try reader.object(in: (Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))[...]) == nil)
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(try object(nested(60)) != nil)
        #expect(try object(nested(66)) == nil)
        #expect(try object(nested(500_000)) == nil)
        #expect(try object("{" + String(repeating: "\"a\":{", count: 500_000)) == nil)
        func wide(_ members: Int) -> String {
            "{" + (0..<members).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        }
        #expect(try object(wide(16_384))?.integer("16383") == 0)
        #expect(try object(wide(16_385)) == nil)
    }

    @Test("hold vectors of the nearest float32, also next to the middle between two")
    func nearestFloats() throws {
        var generator = SeededGenerator(seed: 3)
        var texts = [
            "0", "-0", "-0.0", "1e-46", "1e-45", "7.1e-46", "1.17549435e-38", "1e38", "3.4028236e38", "1e-300",
        ]
        for _ in 0..<2_000 {
            let float = Float(bitPattern: UInt32.random(in: 0..<0x7F7F_FFFF, using: &generator))
            // Exact, and one digit to either side far behind what a float64 holds.
            let middle = exactDecimal((Double(float) + Double(float.nextUp)) / 2)
            texts.append("0." + String(repeating: "2", count: Int.random(in: 1...80, using: &generator)))
            texts += ["\(float)", "\(-float)", middle, middle + "1", "\(Double(float).nextUp)"]
        }
        let object = try #require(try object("{\"v\": [\(texts.joined(separator: ", "))]}"))
        let floats = try #require(unsafe object.floats("v").map { unsafe Array($0) })
        #expect(floats.count == texts.count)
        for (float, text) in zip(floats, texts) where float.bitPattern != Float(text)?.bitPattern {
            Issue.record("\(text) gives \(float)")
        }
        let far = try #require(try self.object("{\"v\": [1e39, -1e39]}"))
        #expect(unsafe far.floats("v").map { unsafe Array($0) } == [.infinity, -.infinity])
    }

    /// All digits, with a decimal point among them.
    private func exactDecimal(_ number: Double) -> String {
        let text = String(format: "%.1100f", number)
        let end = text.lastIndex { $0 != "0" } ?? text.startIndex
        return text[end] == "." ? text[...end] + "0" : String(text[...end])
    }

    @Test("hold a vector only where all of an array are numbers")
    func vectors() throws {
        let object = try #require(
            try object(#"{"a": [1, 2], "b": [], "c": [3, "x", 4], "d": [[5]], "e": [6.5, -7]}"#))
        func floats(_ key: StaticString) -> [Float]? { unsafe object.floats(key).map { unsafe Array($0) } }
        #expect(floats("a") == [1, 2])
        #expect(floats("b") == [])
        #expect(floats("c") == nil && floats("d") == nil)
        #expect(floats("e") == [6.5, -7])
    }

    @Test("cannot be used once their reader has gone on")
    func stale() async {
        await #expect(processExitsWith: .failure) {
            let reader = try JSONObjectReader(name: "x.jsonl")
            let first = try #require(try reader.object(in: Array("{\"a\":1}".utf8)[...]))
            _ = try reader.object(in: Array("{\"a\":2}".utf8)[...])
            _ = first.integer("a")
        }
    }

    private struct Line: Decodable {
        var subject: String
        var embedding: [Double]
        var number: Int64?
        var object: [String: String]?
    }

    @Test("are taken as Foundation takes them, and give the same values, whatever the bytes")
    func fuzzed() throws {
        let seeds = [
            #"{"subject": "Zo\u00eb\ud83d\ude00", "embedding": [0.25, -1e-3, 12], "number": 3, "object": {"a": "b"}}"#,
            #"{"other": [{"x": [null, true, 1.5]}, []], "embedding": [], "subject": "\\"}"#,
        ]
        var mutations = Mutations(of: seeds.map { Array($0.utf8) }, seed: 11)
        let time = FuzzTime()
        let decoder = JSONDecoder()
        var (inputs, taken, laxer) = (0, 0, 0)
        while time.isLeft {
            let bytes = mutations.next()
            let text = String(decoding: bytes, as: UTF8.self)
            inputs += 1
            let expected = try? decoder.decode(Line.self, from: Data(bytes))
            guard let object = try reader.object(in: bytes[...]) else {
                // Foundation does not look into texts that nobody asks for.
                if expected != nil { laxer += 1 }
                continue
            }
            let floats = unsafe object.floats("embedding").map { unsafe Array($0) }
            guard let expected else {
                // Nor does it take numbers that are nearer to zero than to any other float64.
                let isTiny = floats?.contains { abs($0) < .leastNormalMagnitude } ?? true
                let isWhole =
                    object.text("subject") != nil && !isTiny
                    && (object.isMissing("number") || object.integer("number") != nil)
                    && (object.isMissing("object") || object.object("object")?.texts != nil)
                #expect(!isWhole, "\(text)")
                continue
            }
            taken += 1
            #expect(object.text("subject") == expected.subject, "\(text)")
            #expect(object.integer("number") == expected.number, "\(text)")
            #expect(object.object("object")?.texts == expected.object, "\(text)")
            #expect(floats == expected.embedding.map { Float($0) }, "\(text)")
        }
        #expect(inputs > 0 && taken > 0 && laxer * 10 < taken && time.growth < 256 << 20)
        print("fuzzed objects of JSON: \(inputs) inputs, \(taken) taken by both, \(laxer) by Foundation alone")
    }
}
