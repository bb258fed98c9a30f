extension PhotoStructure {
    /// Directories within directories that are looked at in one.
    private static let mostSubDirectories = 64

    /// Counts the pictures, each of which libtiff reads to know how many there are, and chooses the one that is the
    /// photo: a preview is not.
    mutating func walkTIFF(_ file: Bytes) throws(Fault) {
        // One strip or tile may be the whole picture.
        isHeldWhole = true
        let tiff = TIFFFile(file)
        var directories = 0
        var chosen: TIFFDirectory?
        var place = tiff.first
        while let at = place, at != 0 {
            directories += 1
            try Self.require(directories, .directories)
            guard let directory = tiff.directory(at: at) else {
                // A later picture is not needed; the first one is.
                if directories > 1 { break }
                throw .damaged("it is cut short: the TIFF's directory is not whole")
            }
            if tiff.isCanonRaw || directory.isCameraRaw { throw .cameraRaw }
            let inner = try Self.subDirectories(of: directory, tiff)
            if chosen == nil || chosen?.isSecondary == true {
                if !directory.isSecondary {
                    (chosen, page, subDirectory) = (directory, directories - 1, nil)
                } else if let index = inner.firstIndex(where: { !$0.isSecondary }) {
                    (chosen, page, subDirectory) = (inner[index], directories - 1, index)
                } else if chosen == nil {
                    chosen = directory
                }
            }
            place = directory.next
        }
        guard let chosen else { throw .damaged("it is cut short: the TIFF has no directory") }
        if let obstacle = chosen.obstacle { throw .unusualPixels(obstacle) }
        hasUnrelatedChannel = chosen.hasUnrelatedChannel
    }

    /// The directories that one names as its own; those that are not whole end the list.
    private static func subDirectories(
        of directory: TIFFDirectory, _ tiff: TIFFFile
    ) throws(Fault) -> [TIFFDirectory] {
        var inner: [TIFFDirectory] = []
        for place in (directory.values[.subDirectories] ?? []).prefix(mostSubDirectories) {
            guard let directory = tiff.directory(at: place) else { break }
            if directory.isCameraRaw { throw .cameraRaw }
            inner.append(directory)
        }
        return inner
    }
}
