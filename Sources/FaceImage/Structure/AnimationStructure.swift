extension PhotoStructure {
    /// Counts a GIF's frames up to its end.
    mutating func walkGIF(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        let cutShort = Fault.damaged("it is cut short: the GIF's last block is not whole")
        guard let flags = file[10], var place = file.place(13, after: 0) else { throw cutShort }
        // A table of colours: three bytes for each of 2 to 256.
        func table(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
        guard let afterTable = file.place(table(flags), after: place) else { throw cutShort }
        place = afterTable
        var frames = 0
        // Without its last byte, the trailer, a GIF is whole enough.
        while let block = file[place], block != 0x3b {
            var next: Int?
            switch block {
            case 0x21: next = file.place(2, after: place)
            case 0x2c:
                frames += 1
                try Self.require(frames, .frames)
                next = file[place + 9].flatMap { file.place(10 + table($0) + 1, after: place) }
            // What stands where a block should begin is the decoder's to judge.
            default: return
            }
            while let at = next, let length = file[at] {
                next = file.place(1 + Int(length), after: at)
                if length == 0 { break }
            }
            guard let next, next > place, file[next - 1] == 0 else { throw cutShort }
            place = next
        }
    }

    /// Counts a WebP's frames up to the end that its first chunk announces.
    mutating func walkWebP(_ file: Bytes) throws(Fault) {
        isHeldWhole = true
        guard let length = file.number(at: 4, bytes: 4, littleEndian: true),
            let end = file.place(length, after: 8)
        else { throw .damaged("it is cut short: the WebP announces more bytes than there are") }
        var place = 12
        var frames = 0
        var chunks = 0
        while place < end, let length = file.number(at: place + 4, bytes: 4, littleEndian: true) {
            chunks += 1
            if file.reads("ANMF", at: place) { frames += 1 }
            try Self.require(frames, .frames)
            try Self.require(chunks - frames, .chunks)
            // Chunks begin at even places.
            guard
                let next = file.place(length + length % 2, after: place + 8)
                    ?? file.place(length, after: place + 8)
            else { throw .damaged("it is cut short: the WebP's last chunk is not whole") }
            place = next
        }
    }
}
