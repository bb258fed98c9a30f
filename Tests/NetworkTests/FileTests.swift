import TestSupport
import Testing

@testable import Network

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "the published examples come out",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func examples(text: String, digest: String) {
        #expect(SHA256.hex(of: Array(text.utf8)) == digest)
    }

    @Test("lengths around a block's end come out")
    func lengths() {
        let expected = [
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            (1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ]
        for (count, digest) in expected {
            #expect(SHA256.hex(of: [UInt8](repeating: UInt8(ascii: "a"), count: count)) == digest)
        }
    }

    @Test("a file's digest is its bytes' digest, and a missing file is named")
    func files() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array("abc".utf8), to: "abc")
        #expect(try SHA256.hex(ofFile: path) == SHA256.hex(of: Array("abc".utf8)))
        let error = #expect(throws: NetworkError.self) { try SHA256.hex(ofFile: folder.file("none")) }
        #expect(error?.kind == .missing)
        #expect(error?.description.contains(folder.file("none")) == true)
        #expect(throws: NetworkError.self) { try SHA256.hex(ofFile: folder.path) }
    }
}

@Suite("Files of weights")
struct SafeTensorsTests {
    private static let tensors: [(name: String, shape: [Int], values: [Float])] = [
        ("b", [2, 2], [1, 2, 3, 4]), ("a", [3], [5, 6, 7]),
    ]

    private func file(_ header: String, data: Int = 16) -> [UInt8] {
        let text = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: UInt64(text.count) >> (8 * UInt64($0))) } + text
            + [UInt8](repeating: 0, count: data)
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        let error = #expect(throws: NetworkError.self) { try SafeTensors(bytes: bytes, path: "w.safetensors") }
        #expect(error?.kind == .badData)
        return error?.description
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        let read = try SafeTensors(bytes: SafeTensors.encode(Self.tensors), path: "memory")
        #expect(read.names == ["a", "b"])
        #expect(try read.values("b", shape: [2, 2]) == [1, 2, 3, 4])
        #expect(try read.values("a", shape: [3]) == [5, 6, 7])
    }

    @Test("float16 is half as large and read back rounded; what it cannot hold is refused")
    func halves() throws {
        let values: [Float] = [1.5, -2, 65_504, 6e-8, 0.1, 0]
        let tensors = [(name: "x", shape: [2, 3], values: values)]
        let bytes = try SafeTensors.encode(tensors, precision: .float16)
        let read = try SafeTensors(bytes: bytes, path: "memory").values("x", shape: [2, 3])
        #expect(read == values.map { SafeTensors.Precision.float16.rounded($0) })
        #expect(read[4] != 0.1 && abs(read[4] - 0.1) < 1e-4 && read[3] > 0)
        #expect(try SafeTensors.encode(tensors).count == bytes.count + 12)
        let large = try SafeTensors.encode([(name: "x", shape: [1], values: [70_000])], precision: .float16)
        #expect(throws: NetworkError.self) {
            try SafeTensors(bytes: large, path: "memory").values("x", shape: [1])
        }
        for (dtype, end) in [("F16", 16), ("BF16", 8), ("F64", 32)] {
            let header = #"{"x":{"dtype":"\#(dtype)","shape":[4],"data_offsets":[0,\#(end)]}}"#
            #expect(refusal(file(header, data: 32))?.contains("tensor x") == true)
        }
    }

    @Test("a file cut off anywhere is refused, and the tensor that is cut is named")
    func truncated() throws {
        let bytes = try SafeTensors.encode(Self.tensors)
        for count in 0..<bytes.count {
            #expect(throws: NetworkError.self) { try SafeTensors(bytes: Array(bytes[..<count]), path: "cut") }
        }
        let reason =
            "w.safetensors cannot be used as weights: tensor a ends 1 bytes after the file: it is cut off"
        #expect(refusal(Array(bytes.dropLast())) == reason)
    }

    @Test(
        "headers that lie are refused",
        arguments: [
            "", "[]", "{\"x\":1}", "{\"x\":{\"dtype\":\"F32\",\"shape\":[4]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,12]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2,-2],\"data_offsets\":[0,16]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}",
            "{\"x\":{\"dtype\":\"BF16\",\"shape\":[8],\"data_offsets\":[0,16]}}",
        ])
    func lies(header: String) {
        #expect(refusal(file(header)) != nil)
    }

    @Test("a header longer than the file is refused")
    func impossibleLength() {
        #expect(refusal([UInt8](repeating: 255, count: 64)) != nil)
    }

    @Test("a tensor of another shape, and one with a number that is not finite, are named")
    func wrongTensors() throws {
        let read = try SafeTensors(
            bytes: SafeTensors.encode([
                ("x", [2], [1, 2]), ("nan", [2], [1, .nan]), ("inf", [1], [.infinity]),
            ]),
            path: "memory")
        let shape = #expect(throws: NetworkError.self) { try read.values("x", shape: [1, 2]) }
        #expect(shape?.description.contains("tensor x has shape [2], not [1, 2]") == true)
        for (name, count) in [("nan", 2), ("inf", 1)] {
            let error = #expect(throws: NetworkError.self) { try read.values(name, shape: [count]) }
            #expect(error?.description.contains("tensor \(name) has numbers that are not finite") == true)
        }
    }

    @Test("text about the file does not count as a tensor")
    func metadata() throws {
        let header =
            "{\"__metadata__\":{\"a\":\"b\"},\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}"
        #expect(try SafeTensors(bytes: file(header), path: "memory").names == ["x"])
    }
}

@Suite("Cards")
struct NetworkCardTests {
    static let text = """
        {"format":1,"name":"n","architecture":"resnet-29","dimension":128,
        "input":{"side":150,"mean":[1,2,3],"scale":0.5},"alignment":{"kind":"dlib-5-point","padding":0.25},
        "weights":{"file":"w.safetensors","sha256":"\(String(repeating: "0", count: 64))"},"license":"l",
        "source":"s","threshold":{"similarity":0.9,"falseMatchRate":0.001,"measured":"m"}}
        """

    private func load(_ text: String) throws -> NetworkCard {
        let folder = try TemporaryFolder()
        try folder.write(Array(text.utf8), to: "card.json")
        return try NetworkCard.load(directory: folder.path)
    }

    @Test("a card's fields arrive")
    func fields() throws {
        let card = try load(Self.text)
        #expect(card.name == "n")
        #expect(card.input.mean == [1, 2, 3])
        #expect(card.alignment.padding == 0.25)
        #expect(card.weights.sha256 == String(repeating: "0", count: 64))
    }

    @Test(
        "a wrong field is refused by name",
        arguments: [
            ("\"format\":1", "\"format\":2", "format 2"),
            ("\"dimension\":128", "\"dimension\":0", "dimension 0"),
            ("\"dimension\":128", "\"dimension\":\"x\"", "dimension has the wrong type"),
            ("\"side\":150,", "", "input.side is missing"),
            ("[1,2,3]", "[1,2]", "input.mean has 2 numbers"),
            ("\"scale\":0.5", "\"scale\":0", "input.scale 0.0"),
            ("\"file\":\"w.safetensors\"", "\"file\":\"../w\"", "weights.file \"../w\""),
            ("\"file\":\"w.safetensors\"", "\"file\":\"\"", "weights.file \"\""),
            ("0000000000", "00000", "weights.sha256"),
            ("\"similarity\":0.9", "\"similarity\":2", "threshold.similarity 2.0"),
            ("{\"format\"", "\"format\"", "it is not JSON"),
        ])
    func faults(field: String, wrong: String, reason: String) throws {
        let range = try #require(Self.text.firstRange(of: field))
        let text = Self.text.replacingCharacters(in: range, with: wrong)
        let error = #expect(throws: NetworkError.self) { try load(text) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("card.json is not a card of a network: \(reason)") == true)
    }

    @Test("a missing card is named, with the remedy")
    func missing() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: NetworkError.self) { try NetworkCard.load(directory: folder.path) }
        #expect(error?.kind == .missing)
        #expect(error?.description.contains(folder.file("card.json")) == true)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
