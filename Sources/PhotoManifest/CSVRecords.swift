/// The records of a CSV file after RFC 4180.
///
/// Fields stand between commas, quotes around what holds commas, line breaks or quotes, and a quote within quotes is
/// written twice. Lines end with CRLF or LF. Memory: one record.
struct CSVRecords {
    /// A record, or why it is none.
    enum Record: Equatable {
        case fields([[UInt8]])
        case malformed(String)
    }

    /// Bytes of the longest record.
    static let longestRecord = 1 << 20

    private let stream: ByteStream
    /// The line that the next record begins on, from 1.
    private(set) var line = 1
    /// The line at the stream's mark.
    private var markedLine = 1

    init(_ stream: ByteStream) { self.stream = stream }

    /// The next record with the line it begins on; lines without any character are skipped.
    ///
    /// - Throws: `.broken` where quotes are never closed or a record is over 1 MiB: no later one can be told. After
    ///   `.notYet` the next call begins with the same record.
    mutating func next() throws(ManifestError) -> (line: Int, record: Record)? {
        setMark()
        do throws(ManifestError) { return try read() } catch {
            if error == .notYet {
                stream.rewind()
                line = markedLine
            }
            throw error
        }
    }

    private mutating func setMark() {
        stream.setMark()
        markedLine = line
    }

    private mutating func read() throws(ManifestError) -> (line: Int, record: Record)? {
        while let byte = try stream.peek() {
            if byte == 0x0A {
                _ = try stream.next()
                line += 1
                // Blank lines need not be kept, however many there are.
                setMark()
            } else if byte == 0x0D {
                _ = try stream.next()
                // A lone CR is a field's, not a line's end.
                if try stream.peek() != 0x0A { return try record(startingWith: [0x0D]) }
            } else {
                return try record(startingWith: [])
            }
        }
        return nil
    }

    private mutating func record(startingWith start: [UInt8]) throws(ManifestError) -> (Int, Record) {
        let first = line
        var fields: [[UInt8]] = []
        var field = start
        var size = 0
        var problem: String?
        var quoteLine: Int?
        var wasQuoted = false
        while true {
            let byte = try stream.next()
            size += 1
            guard size <= Self.longestRecord else {
                throw .broken(
                    manifest: stream.name, line: first,
                    reason: "the record is longer than 1 MiB; is a quote missing?")
            }
            if quoteLine != nil {
                switch byte {
                case nil:
                    throw .broken(
                        manifest: stream.name, line: quoteLine ?? first,
                        reason: "the quote that begins here is never closed; close it")
                case 0x22:
                    if try stream.peek() == 0x22 {
                        field.append(0x22)
                        _ = try stream.next()
                    } else {
                        quoteLine = nil
                    }
                case 0x0A?:
                    line += 1
                    field.append(0x0A)
                case let byte?: field.append(byte)
                }
                continue
            }
            switch byte {
            case nil, 0x0A:
                if byte != nil { line += 1 }
                fields.append(field)
                return (first, problem.map { .malformed($0) } ?? .fields(fields))
            case 0x2C:
                fields.append(field)
                field = []
                wasQuoted = false
            case 0x22 where field.isEmpty && !wasQuoted:
                quoteLine = line
                wasQuoted = true
            case 0x22:
                problem =
                    problem ?? "a field contains a quote; put the field into quotes and double the quote"
            case 0x0D?:
                // Before a line's end it belongs to that; anywhere else it is the field's.
                if try stream.peek() != 0x0A { field.append(0x0D) }
            case let byte?:
                if wasQuoted { problem = problem ?? "text follows a closing quote; put a comma between them" }
                field.append(byte)
            }
        }
    }
}
