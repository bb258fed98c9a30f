extension PhotoStructure {
    /// Counts the pictures, each of which libtiff reads to know how many there are.
    mutating func walkTIFF(_ file: Bytes) throws(Fault) {
        let little = file[0] == 0x49
        let isBig = file.number(at: 2, bytes: 2, littleEndian: little) == 43
        func number(_ place: Int, _ size: Int) -> Int? {
            file.number(at: place, bytes: size, littleEndian: little)
        }
        let (offsetSize, countSize, entrySize) = isBig ? (8, 8, 20) : (4, 2, 12)
        // One strip or tile may be the whole picture.
        isHeldWhole = true
        var directories = 0
        var place = number(isBig ? 8 : 4, offsetSize)
        while let at = place, at != 0 {
            directories += 1
            try Self.require(directories, .directories)
            guard let entries = number(at, countSize),
                let next = product(entries, entrySize).flatMap({ file.place($0, after: at + countSize) })
            else {
                // A later picture is not needed; the first one is.
                if directories > 1 { return }
                throw .damaged("it is cut short: the TIFF's directory is not whole")
            }
            place = number(next, offsetSize)
        }
        if directories == 0 { throw .damaged("it is cut short: the TIFF has no directory") }
    }
}
