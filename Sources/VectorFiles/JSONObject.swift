internal import CSimdJSON
internal import Glibc

/// Reads objects of JSON, one text after the other, arrays of numbers as vectors of float32.
///
/// simdjson does it, because a line of JSON is a hundred numbers, and at 100,000 lines a second nothing slower keeps
/// up (Langdale and Lemire, Parsing Gigabytes of JSON per Second, 2019). Memory: up to ten times the longest text, and a
/// megabyte for members. One thread at a time.
@safe package final class JSONObjectReader {
    private let handle: OpaquePointer
    private let name: String
    /// Objects read so far: what belongs to an earlier one is gone.
    fileprivate var generation = 0

    /// - Parameter name: what errors call the file.
    /// - Throws: `.system` where there is no memory.
    package init(name: String) throws(VectorFileError) {
        guard let made = unsafe cjson_new() else { throw Self.noMemory(name) }
        unsafe handle = made
        self.name = name
    }

    deinit { unsafe cjson_free(handle) }

    /// The object that a text is, good until the next is asked for, a byte order mark before it or none; nil for what is
    /// no single, valid object in UTF-8, has arrays or objects more than 64 deep, over 16,384 members, or a number beyond
    /// float64.
    ///
    /// - Throws: `.system` where there is no memory.
    /// - Complexity: O(bytes).
    package func object(in text: ArraySlice<UInt8>) throws(VectorFileError) -> JSONObject? {
        generation += 1
        let text = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text
        let status = unsafe text.withUnsafeBytes { text in
            unsafe cjson_read(handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count)
        }
        switch status {
        case CJSON_OK: return JSONObject(reader: self, range: unsafe 0..<members.count)
        case CJSON_NO_MEMORY: throw Self.noMemory(name)
        default: return nil
        }
    }

    fileprivate var members: UnsafeBufferPointer<cjson_member> {
        var count = 0
        let first = unsafe cjson_members(handle, &count)
        return unsafe UnsafeBufferPointer(start: first, count: count)
    }

    fileprivate var numbers: UnsafeBufferPointer<Float> {
        var count = 0
        let first = unsafe cjson_numbers(handle, &count)
        return unsafe UnsafeBufferPointer(start: first, count: count)
    }

    private static func noMemory(_ name: String) -> VectorFileError {
        .system(path: name, operation: "read", code: ENOMEM)
    }
}

/// An object of JSON: members by key, the first where a key comes twice.
///
/// Lent by its reader: using one after the reader's next is a mistake of the program and ends it.
package struct JSONObject {
    private let reader: JSONObjectReader
    private let range: Range<Int>
    private let generation: Int

    fileprivate init(reader: JSONObjectReader, range: Range<Int>) {
        (self.reader, self.range, generation) = (reader, range, reader.generation)
    }

    /// The UTF-8 of a text, lent until the reader's next object; nil if there is none of that key.
    package func utf8(_ key: StaticString) -> UnsafeRawBufferPointer? {
        guard let place = place(of: key) else { return nil }
        return unsafe reader.members[place].utf8
    }

    /// A text; nil if there is none of that key.
    package func text(_ key: StaticString) -> String? {
        // simdjson has seen that it is valid.
        unsafe utf8(key).map { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// An array of nothing but numbers, each the nearest float32, infinite where it is out of range; lent until the
    /// reader's next object.
    package func floats(_ key: StaticString) -> UnsafeBufferPointer<Float>? {
        guard let place = place(of: key), case let member = unsafe reader.members[place],
            unsafe member.kind == CJSON_NUMBERS
        else { return nil }
        return unsafe UnsafeBufferPointer(
            rebasing: reader.numbers[member.first..<(member.first + member.count)])
    }

    /// A whole number that fits into 64 bits, however it is written.
    package func integer(_ key: StaticString) -> Int64? {
        guard let place = place(of: key), case let member = unsafe reader.members[place] else { return nil }
        switch unsafe member.kind {
        case CJSON_INTEGER: return unsafe member.integer
        case CJSON_NUMBER: return Int64(exactly: unsafe member.number)
        default: return nil
        }
    }

    /// A number.
    package func double(_ key: StaticString) -> Double? {
        guard let place = place(of: key), case let member = unsafe reader.members[place],
            unsafe member.kind == CJSON_NUMBER || member.kind == CJSON_INTEGER
        else { return nil }
        return unsafe member.number
    }

    /// An object within this one.
    package func object(_ key: StaticString) -> JSONObject? {
        guard let place = place(of: key), case let member = unsafe reader.members[place],
            unsafe member.kind == CJSON_OBJECT
        else { return nil }
        return JSONObject(reader: reader, range: unsafe (place + 1)..<(place + 1 + member.count))
    }

    /// All members, where all are texts.
    package var texts: [String: String]? {
        var texts: [String: String] = [:]
        for place in places {
            guard let text = unsafe reader.members[place].utf8 else { return nil }
            let key = unsafe String(decoding: reader.members[place].keyBytes, as: UTF8.self)
            if texts[key] == nil { texts[key] = unsafe String(decoding: text, as: UTF8.self) }
        }
        return texts
    }

    /// Whether no member of that key says anything.
    package func isMissing(_ key: StaticString) -> Bool {
        guard let place = place(of: key) else { return true }
        return unsafe reader.members[place].kind == CJSON_NULL
    }

    /// Where this object's own members stand, without those of objects within it.
    private var places: some Sequence<Int> {
        precondition(generation == reader.generation, "an object of JSON was used after its reader's next one")
        return sequence(state: range.lowerBound) { [reader, range] next -> Int? in
            guard next < range.upperBound else { return nil }
            let place = next
            let member = unsafe reader.members[place]
            next = unsafe place + 1 + (member.kind == CJSON_OBJECT ? member.count : 0)
            return place
        }
    }

    private func place(of key: StaticString) -> Int? {
        let key = unsafe UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        return places.first { unsafe reader.members[$0].keyBytes.elementsEqual(key) }
    }
}

extension cjson_member {
    fileprivate var keyBytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: key, count: key_length)
    }

    fileprivate var utf8: UnsafeRawBufferPointer? {
        unsafe kind == CJSON_TEXT ? UnsafeRawBufferPointer(start: text, count: text_length) : nil
    }
}
