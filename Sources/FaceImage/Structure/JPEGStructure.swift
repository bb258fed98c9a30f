extension PhotoStructure {
    /// The most pixels a byte of Huffman codes can stand for: one bit for each block of 64 pixels at least, and two
    /// channels that are both thinned out, each in its own direction.
    private static let pixelsPerByte = 2_048

    /// Counts segments and scans up to the end of the picture.
    ///
    /// Where the end marker is missing, libjpeg decides.
    mutating func walkJPEG(_ file: Bytes) throws(Fault) {
        var place = 2
        var segments = 0
        var scans = 0
        while let marker = Self.nextMarker(in: file, from: &place) {
            switch marker {
            case 0xd9:
                isHeldWhole = isHeldWhole || scans > 1
                return
            case 0x01, 0xd0...0xd8: continue
            default: break
            }
            segments += 1
            try Self.require(segments, .segments)
            if marker == 0xda {
                scans += 1
                try Self.require(scans, .scans)
            }
            if Self.isFrame(marker) { takeFrame(marker, file, at: place) }
            // What is wrong with a segment is libjpeg's to say.
            guard let length = file.number(at: place, bytes: 2), length >= 2,
                let next = file.place(length, after: place)
            else { break }
            place = next
        }
        isHeldWhole = isHeldWhole || scans > 1
        missingEnd = "the JPEG has no end marker"
    }

    /// Moves behind the next marker and gives its second byte; zero bytes after 0xff are data.
    private static func nextMarker(in file: Bytes, from place: inout Int) -> UInt8? {
        while let found = file.firstPlace(of: 0xff, from: place) {
            place = found + 1
            while file[place] == 0xff { place += 1 }
            guard let marker = file[place] else { return nil }
            place += 1
            if marker != 0 { return marker }
        }
        return nil
    }

    /// Whether a marker begins a header of a picture: all of 0xc0…0xcf but three kinds of tables.
    private static func isFrame(_ marker: UInt8) -> Bool {
        (0xc0...0xcf).contains(marker) && ![0xc4, 0xc8, 0xcc].contains(marker)
    }

    private mutating func takeFrame(_ marker: UInt8, _ file: Bytes, at place: Int) {
        // Progressive; from 0xc9 on coded arithmetically, for which no bound is known.
        if marker == 0xc2 || marker == 0xca { isHeldWhole = true }
        if marker < 0xc8 { capacity = product(Self.pixelsPerByte, file.count) }
        channels = Int(file[place + 7] ?? 4)
    }
}
