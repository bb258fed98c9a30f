extension PhotoStructure {
    /// Compares what the header announces with what follows, value by value where the values are text.
    mutating func walkPNM(_ file: Bytes) throws(Fault) {
        let kind = Int(file[1] ?? 0) - 0x30
        var place = 2
        guard let width = Self.nextNumber(in: file, &place), let height = Self.nextNumber(in: file, &place),
            let highest = kind == 1 || kind == 4 ? 1 : Self.nextNumber(in: file, &place)
        else { throw .damaged("the PNM's header does not say how large the picture is") }
        guard width > 0, height > 0, highest > 0 else { throw .damaged("the PNM's header announces no pixels") }
        let channels = kind == 3 || kind == 6 ? 3 : 1
        let size = highest < 256 ? 1 : highest < 65_536 ? 2 : 4
        guard let values = product(width, height, channels), let bytes = product(values, size) else {
            throw .damaged("the PNM's header announces more pixels than can be counted")
        }
        capacity = .max
        switch kind {
        case 1...3: try Self.requireNumbers(values, in: file, from: place)
        case 4: try Self.requireBytes((width / 8 + (width % 8 > 0 ? 1 : 0)) * height, in: file, from: place + 1)
        default: try Self.requireBytes(bytes, in: file, from: place + 1)
        }
    }

    private static func requireBytes(_ count: Int, in file: Bytes, from place: Int) throws(Fault) {
        let there = max(0, file.count - place)
        if there < count { throw .damaged("it is cut short: it holds \(there) of \(count) bytes of pixels") }
    }

    private static func requireNumbers(_ count: Int, in file: Bytes, from start: Int) throws(Fault) {
        // A digit each, and a blank between two.
        guard count <= file.count else {
            throw .damaged("it is cut short: its \(file.count) bytes cannot hold \(count) values")
        }
        var place = start
        for index in 0..<count where nextNumber(in: file, &place) == nil {
            skipBlanks(in: file, &place)
            throw .damaged(
                place < file.count
                    ? "value \(index + 1) of its \(count) is no number"
                    : "it is cut short: it holds \(index) of \(count) values")
        }
    }

    private static func skipBlanks(in file: Bytes, _ place: inout Int) {
        while let byte = file[place] {
            if byte == 0x23 {
                place = file.firstPlace(of: 0x0a, from: place) ?? file.count
            } else if byte == 0x20 || (0x09...0x0d).contains(byte) {
                place += 1
            } else {
                return
            }
        }
    }

    /// The number that comes next, with `place` moved behind it; nil if there is none, or one beyond 2^31.
    private static func nextNumber(in file: Bytes, _ place: inout Int) -> Int? {
        skipBlanks(in: file, &place)
        let start = place
        var value = 0
        while let byte = file[place], (0x30...0x39).contains(byte) {
            value = value * 10 + Int(byte - 0x30)
            if value > Int(Int32.max) { return nil }
            place += 1
        }
        guard place > start else { return nil }
        guard let end = file[place] else { return value }
        // A reader goes on to the next blank.
        return end == 0x20 || (0x09...0x0d).contains(end) || end == 0x23 ? value : nil
    }
}
