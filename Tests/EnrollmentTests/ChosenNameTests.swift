import Foundation
import TestSupport
import Testing

@testable import Enrollment

@Suite("A name")
struct ChosenNameTests {
    @Test(
        "of a file that somebody named after a person gives that person",
        arguments: [
            ("Ada.jpg", "Ada"), ("Ada_0001.jpg", "Ada"), ("Ada Lovelace-2.jpeg", "Ada Lovelace"),
            ("Ada (2).jpg", "Ada"), ("Ada(12).jpg", "Ada"), ("a.jpg", "a"), ("小明.jpg", "小明"), ("Ada", "Ada"),
            ("Sam_0001.jpg", "Sam"), ("Zoë 3.png", "Zoë"), ("Bild von Ada.jpg", "Bild von Ada"),
            ("people/Ada_Lovelace_0001.jpg", "Ada_Lovelace"), ("agent 007 (1).jpg", "agent 007"),
        ])
    func person(_ file: String, _ person: String) {
        #expect(ChosenName.ofFile(file) == person)
    }

    @Test(
        "of a file that a camera, a clock, a phone or a program gave is nobody's",
        arguments: [
            "IMG_2034.jpg", "IMG_E2034.JPG", "IMG-20240101-WA0001.jpg", "img (3).jpg", "DSC00123.JPG",
            "_DSC0123.jpg",
            "DSCN1234.jpg", "P1010123.JPG", "PXL_20240101_120000123.jpg", "MVIMG_20190101_120000.jpg",
            "20240101_120000.jpg", "2024-01-01 12.00.00.jpg", "1.jpg", "0001.png", "SAM_0001.jpg",
            "GOPR0001.jpg",
            "DJI_0042.JPG", "WhatsApp Image 2024-01-01 at 12.00.00.jpeg",
            "WhatsApp Image 2024-01-01 at 12.00.00 PM (1).jpeg",
            "Screenshot_20240101-120000.png", "Screenshot 2024-01-01 at 12.00.00.png",
            "photo_2024-01-01_12-00-00.jpg",
            "signal-2024-01-01-120000.jpg", "FB_IMG_1700000000000.jpg", "received_123456789.jpeg",
            "image0.jpeg",
            "images (1).jpg", "download.jpg", "Untitled.png", "unnamed (2).jpg", "Scan_0001.tif", "Foto 12.jpg",
            "3f2a9b0c1d4e5f60718293a4b5c6d7e8.jpg", "123e4567-e89b-12d3-a456-426614174000.jpg", "---.jpg",
        ])
    func machine(_ file: String) {
        #expect(ChosenName.ofFile(file) == nil)
    }

    @Test(
        "of a folder may be a person's unless it is a date, a camera's or a program's",
        arguments: [
            ("Ada", true), ("Ada Lovelace", true), ("n000002", true), ("0000045", true), ("17", true),
            ("m.0abc1", true),
            ("id10001", true), ("2023", false), ("2023-05", false), ("2023-05-12 Rome", false),
            ("20230512", false),
            ("12.05.2023", false), ("202305", false), ("DCIM", false), ("100CANON", false), ("101_PANA", false),
            ("Camera Roll", false), ("Camera Uploads", false), ("WhatsApp Images", false), ("phone", false),
            ("New Folder (2)", false), ("___", false), ("1850", true), ("20239999", true),
        ])
    func folder(_ name: String, _ isOfPerson: Bool) {
        #expect(ChosenName.isOfPerson(folder: name) == isOfPerson)
    }
}

@Suite("A folder of photos")
struct PhotoLayoutTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func layout(_ files: String..., of path: String) throws -> PhotoLayout {
        for file in files {
            let place = URL(fileURLWithPath: folder.file(file))
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try folder.write([0], to: file)
        }
        return try PhotoLayout(of: [folder.file(path)])
    }

    @Test("gives the innermost folder's person, whatever folders of dates and cameras are around or within it")
    func innermost() throws {
        let layout = try layout(
            "p/2023/summer/Ada/IMG_1.jpg", "p/Bob/2023/05/1.jpg", "p/Cara/DCIM/100CANON/DSC_0001.jpg",
            "p/Dan.jpg",
            "p/2024/Eve_0001.jpg", of: "p")
        #expect(layout.photosOfPeople == ["Ada": 1, "Bob": 1, "Cara": 1, "Dan": 1, "Eve": 1])
        #expect(layout.nameless == 0)
    }

    @Test("counts spellings that look the same as one person")
    func spellings() throws {
        let layout = try layout("p/Zo\u{EB}/1.jpg", "p/Zoe\u{308}/2.jpg", of: "p")
        #expect(layout.photosOfPeople == ["Zo\u{EB}": 2])
    }

    @Test("of a telephone names nobody, instead of making everybody in it one person")
    func telephone() throws {
        let layout = try layout("phone/IMG_2034.jpg", "phone/IMG_2035.jpg", "phone/2023/IMG_1.jpg", of: "phone")
        #expect(layout.photosOfPeople == [:])
        #expect(layout.nameless == 3)
    }
}
