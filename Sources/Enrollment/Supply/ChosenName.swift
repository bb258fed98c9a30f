/// Tells names that somebody chose from those that cameras, clocks, phones and browsers give.
///
/// A photo must not become a reference of a subject called `IMG` or `2023`: everybody in such photos would be one
/// person. So a name that may be a machine's names nobody, and the user is asked for a better one.
enum ChosenName {
    /// The person that a file is named after: `Ada.jpg`, `Ada_0001.jpg` and `Ada (2).jpg` all give `Ada`.
    ///
    /// - Returns: nil where the name may be a machine's: a number, a date, `IMG_2034`, `WhatsApp Image …`.
    static func ofFile(_ path: String) -> String? {
        let name = path.split(separator: "/").last ?? Substring(path)
        let stem = name.lastIndex(of: ".").map { $0 > name.startIndex ? name[..<$0] : name } ?? name
        let person = withoutCounter(stem)
        // Cameras and clocks count to thousands and more.
        let longestNumber = person.split { !$0.isNumber }.map(\.count).max() ?? 0
        guard person.contains(where: \.isLetter), longestNumber < 4, !isRandom(person), !isOfMachines(person)
        else { return nil }
        return String(person)
    }

    /// Whether a folder may be named after a person: not `2023`, `2023-05 Rome`, `DCIM`, `100CANON`, `Camera Roll`.
    ///
    /// Other numbers may be, because data sets name people by them; but not `05` within the folder of a year or month.
    static func isOfPerson(folder name: String, inFolderOfDate: Bool = false) -> Bool {
        name.contains { $0.isLetter || $0.isNumber } && !isDate(folder: name, inFolderOfDate: inFolderOfDate)
            && !isOfCamera(folder: name) && !isRandom(name[...]) && !isOfMachines(name[...])
    }

    /// Whether a folder is named after a date, or is that of a month or day in such a one.
    static func isDate(folder name: String, inFolderOfDate: Bool) -> Bool {
        isDate(name) || (inFolderOfDate && name.count <= 2 && name.allSatisfy(isDigit))
    }

    /// A name without the number that tells several photos of one person apart.
    private static func withoutCounter(_ stem: Substring) -> Substring {
        if stem.last == ")", let open = stem.lastIndex(of: "(") {
            let number = stem[stem.index(after: open)...].dropLast()
            if !number.isEmpty, number.allSatisfy(isDigit) {
                let rest = stem[..<open]
                return rest.last == " " ? rest.dropLast() : rest
            }
        }
        let rest = stem.dropLast(stem.reversed().prefix(while: isDigit).count)
        guard rest.endIndex < stem.endIndex, let separator = rest.last, "_- ".contains(separator),
            rest.count > 1
        else { return stem }
        return rest.dropLast()
    }

    /// Whether a name begins with a year, or with a date of day, month and year.
    private static func isDate(_ name: String) -> Bool {
        let digits = name.prefix(while: isDigit)
        func number(_ first: Int, _ count: Int) -> Int { Int(digits.dropFirst(first).prefix(count)) ?? 0 }
        switch digits.count {
        case 4: return isYear(number(0, 4))
        case 6: return isYear(number(0, 4)) && 1...12 ~= number(4, 2)
        case 8: return isYear(number(0, 4)) && 1...12 ~= number(4, 2) && 1...31 ~= number(6, 2)
        case 1, 2:
            let parts = name.split(maxSplits: 3) { "-_. ".contains($0) }.prefix(3)
            guard parts.count == 3, parts.allSatisfy({ $0.allSatisfy(isDigit) }), parts[1].count <= 2 else {
                return false
            }
            let (day, month, year) = (Int(parts[0]) ?? 0, Int(parts[1]) ?? 0, Int(parts[2]) ?? 0)
            return 1...31 ~= day && 1...12 ~= month && (parts[2].count == 2 || isYear(year))
        default: return false
        }
    }

    private static func isYear(_ number: Int) -> Bool { 1900...2099 ~= number }

    /// Whether a folder's name is one of those that cameras count: `100CANON`, `101_PANA`.
    private static func isOfCamera(folder name: String) -> Bool {
        guard name.prefix(while: isDigit).count == 3 else { return false }
        let rest = name.dropFirst(3).drop { $0 == "_" }
        let letters = rest.prefix { ("A"..."Z").contains($0) }
        return letters.count >= 3 && rest.dropFirst(letters.count).allSatisfy { $0 == "_" || isDigit($0) }
    }

    /// Whether a name is a digest or a UUID, as programs draw them.
    private static func isRandom(_ name: Substring) -> Bool {
        let digits = name.filter { $0 != "-" && $0 != "_" }
        return digits.count >= 16 && digits.allSatisfy(\.isHexDigit) && digits.contains(where: isDigit)
    }

    /// Whether every word of a name is one that cameras, phones, programs or folders of a system use.
    private static func isOfMachines(_ name: Substring) -> Bool {
        let words = name.split { !$0.isLetter }
        return !words.isEmpty
            && words.allSatisfy { codes.contains(String($0)) || machineWords.contains($0.lowercased()) }
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    /// Codes of cameras and messengers that could be a name in small letters.
    private static let codes: Set<String> = ["SAM", "GP", "GH", "GX", "WA", "AM", "PM", "KIF"]

    /// Words of cameras and phones; then those of programs, downloads, and folders for anything.
    private static let machineWords = Set(
        """
        burst cimg dcim dji dsc dscf dsci dscn gopr hdr hpim imag img mov mvimg pano panorama pict pxl sdc
        vid wp
        album albums at backup bild bilder bildschirmfoto camera capture collage copy crop cropped
        download downloads edited export face faces fb file files folder foto fotos gallery image images
        instagram jpeg jpg kamera kopie misc mobile movie neuer new ordner original originals people
        persons phone photo photos pic pics picture pictures png portrait portraits profile raw received
        roll scan scanned screen screenshot screenshots selfie selfies shot signal snapchat sorted
        telegram thumb thumbnail thumbnails thumbs unknown unnamed unsorted untitled uploads video videos
        whatsapp
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
