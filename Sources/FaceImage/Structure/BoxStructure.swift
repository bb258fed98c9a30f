extension PhotoStructure {
    /// Counts the boxes at the top of a JPEG XL file, which must all be whole.
    mutating func walkBoxes(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        try Self.eachBox(in: file) { _, _, _ in true }
    }

    /// Counts what OpenJPEG would have to look for in the first code stream of a JPEG 2000 file.
    mutating func walkJPEG2000(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        var start: Int?
        if file.number(at: 0, bytes: 2) == 0xff4f {
            start = 0
        } else {
            try Self.eachBox(in: file) { place, data, _ in
                if file.reads("jp2c", at: place + 4) { start = data }
                return start == nil
            }
        }
        guard let start else { throw .damaged("the JPEG 2000 file has no code stream") }
        try CodeStream(file, at: start).check()
    }

    /// Calls `body` with the place of each box, that of its data and that after it, until it says false.
    static func eachBox(in file: Bytes, _ body: (Int, Int, Int) -> Bool) throws(Fault) {
        var place = 0
        var boxes = 0
        while place < file.count {
            boxes += 1
            try require(boxes, .boxes)
            var header = 8
            var length = file.number(at: place, bytes: 4)
            // 1: the length follows in eight bytes; 0: the box is the file's last.
            if length == 1 {
                header = 16
                length = file.number(at: place + 8, bytes: 8)
            } else if length == 0 {
                length = file.count - place
            }
            guard let length, length >= header, let next = file.place(length, after: place) else {
                throw .damaged("it is cut short: its last box is not whole")
            }
            guard body(place, place + header, next) else { return }
            place = next
        }
    }
}

/// The main header of a JPEG 2000 code stream.
private struct CodeStream {
    private typealias Fault = PhotoStructure.Fault
    private let file: Bytes
    private let start: Int

    init(_ file: Bytes, at start: Int) { (self.file, self.start) = (file, start) }

    /// Refuses more tiles or packets than are taken.
    ///
    /// Packets are counted as if every tile were as large as the first one and had the finest division that any
    /// header asks for: layers × resolutions × channels × precincts.
    func check() throws(PhotoStructure.Fault) {
        let broken = PhotoStructure.Fault.damaged("the JPEG 2000 header is not whole")
        // The size comes first: capabilities, size, offset, tile size, tile offset, channels.
        guard file.number(at: start, bytes: 4) == 0xff4f_ff51 else { throw broken }
        let numbers = (0..<8).compactMap { file.number(at: start + 8 + 4 * $0, bytes: 4) }
        guard numbers.count == 8, let channels = file.number(at: start + 40, bytes: 2) else { throw broken }
        let (right, bottom, tileWidth, tileHeight) = (numbers[0], numbers[1], numbers[4], numbers[5])
        let (tileLeft, tileTop) = (numbers[6], numbers[7])
        guard tileWidth > 0, tileHeight > 0, right > tileLeft, bottom > tileTop, channels > 0 else {
            throw broken
        }
        func parts(_ length: Int, _ part: Int) -> Int { (length + part - 1) / part }
        let columns = parts(right - tileLeft, tileWidth)
        let rows = parts(bottom - tileTop, tileHeight)
        guard let tiles = product(columns, rows) else { throw broken }
        try PhotoStructure.require(tiles, .tiles)
        let coding = try finestCoding(after: start + 2)
        let limit = PhotoStructure.Parts.packets.limit
        var precincts = 0
        for level in 0...coding.levels where precincts <= limit {
            let width = parts(min(tileWidth, right), 1 << level)
            let height = parts(min(tileHeight, bottom), 1 << level)
            let (across, down) = (parts(width, coding.precinctWidth), parts(height, coding.precinctHeight))
            precincts += min(limit, product(across + 1, down + 1) ?? limit)
        }
        let packets = product(tiles, precincts, coding.layers, channels) ?? .max
        try PhotoStructure.require(packets, .packets)
    }

    private struct Coding {
        var layers = 1
        var levels = 0
        var precinctWidth = 1 << 15
        var precinctHeight = 1 << 15
    }

    /// The largest numbers of all coding styles, in the main header and in those of tiles.
    private func finestCoding(after first: Int) throws(PhotoStructure.Fault) -> Coding {
        var coding = Coding()
        var place = first
        var segments = 0
        while let marker = file.number(at: place, bytes: 2), marker != 0xffd9 {
            segments += 1
            try PhotoStructure.require(segments, .segments)
            guard let length = file.number(at: place + 2, bytes: 2),
                let next = file.place(length, after: place + 2)
            else { break }
            switch marker {
            case 0xff90:  // a part of a tile; its length counts from the marker
                guard let tilePart = file.number(at: place + 6, bytes: 4) else { return coding }
                try takeTileHeader(after: next, into: &coding)
                guard tilePart >= 14, let end = file.place(tilePart, after: place) else { return coding }
                place = end
                continue
            case 0xff52: take(at: place + 4, isDefault: true, into: &coding)
            case 0xff53: take(at: place + 4, isDefault: false, into: &coding)
            default: break
            }
            place = next
        }
        return coding
    }

    private func takeTileHeader(after first: Int, into coding: inout Coding) throws(PhotoStructure.Fault) {
        var place = first
        while let marker = file.number(at: place, bytes: 2), marker != 0xff93,
            let length = file.number(at: place + 2, bytes: 2), length >= 2,
            let next = file.place(length, after: place + 2)
        {
            if marker == 0xff52 || marker == 0xff53 {
                take(at: place + 4, isDefault: marker == 0xff52, into: &coding)
            }
            place = next
        }
    }

    /// A coding style: flags, progression, layers and a transform, then levels, block size and precinct sizes; that of
    /// one channel begins with its number instead, of one byte or two.
    private func take(at place: Int, isDefault: Bool, into coding: inout Coding) {
        let channels = file.number(at: start + 40, bytes: 2) ?? 0
        let prefix = isDefault ? 5 : channels < 257 ? 2 : 3
        if isDefault { coding.layers = max(coding.layers, file.number(at: place + 2, bytes: 2) ?? 1) }
        let flags = file[isDefault ? place : place + prefix - 1] ?? 0
        let levels = min(32, Int(file[place + prefix] ?? 0))
        coding.levels = max(coding.levels, levels)
        guard flags & 1 == 1 else { return }
        for level in 0...levels {
            guard let size = file[place + prefix + 5 + level] else { return }
            coding.precinctWidth = min(coding.precinctWidth, 1 << Int(size & 15))
            coding.precinctHeight = min(coding.precinctHeight, 1 << Int(size >> 4))
        }
    }
}
