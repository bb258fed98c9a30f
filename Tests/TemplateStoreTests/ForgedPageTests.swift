import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

/// Pages whose numbers fit together, as only somebody who knows LMDB's format writes them.
@Suite("Forged pages")
struct ForgedPageTests {
    private let gallery: TestGallery

    /// Twenty references, every other with metadata that needs several pages of its own.
    init() throws {
        gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            for number in 0..<20 {
                var new = newReference("subject \(number)", number)
                if number % 2 == 0 { new.metadata = ["text": String(repeating: "m", count: 9_000)] }
                try writer.add(new)
            }
        }
    }

    private func bytes() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: gallery.path + "/data.mdb")))
    }

    private func problems(_ bytes: [UInt8]) throws -> [String] {
        try Data(bytes).write(to: URL(fileURLWithPath: gallery.path + "/data.mdb"))
        let file = try DataFile(inDirectory: gallery.path)
        return try PageWalk(file, file.meta(), .untilFault, contents: .gallery).problems
    }

    private func page(_ bytes: [UInt8], _ number: UInt64, _ size: Int) -> Page {
        Page(Array(bytes[Int(number) * size..<(Int(number) + 1) * size]))
    }

    /// Where the record of a named tree stands in the file, and the first of its leaves.
    private func tree(
        _ database: Database, _ bytes: [UInt8], _ meta: MetaPage
    ) throws -> (record: Int, leaf: UInt64) {
        let list = page(bytes, meta.main.root, meta.pageSize)
        let node = try #require(
            (0..<list.nodes).compactMap { list.node($0) }.first { list.text($0.key) == database.name })
        var number = TreeRecord(list, at: node.dataOffset).root
        while page(bytes, number, meta.pageSize).flags == Page.branch {
            let branch = page(bytes, number, meta.pageSize)
            number = branch.child(try #require(branch.node(0)))
        }
        return (Int(meta.main.root) * meta.pageSize + node.dataOffset, number)
    }

    @Test(
        "with two records under one number are refused",
        arguments: [Database.references, .vectors, .subjects])
    func doubledKey(database: Database) throws {
        let meta = try DataFile(inDirectory: gallery.path).meta()
        var bytes = try bytes()
        #expect(try problems(bytes) == [])
        let leaf = try tree(database, bytes, meta).leaf
        let page = page(bytes, leaf, meta.pageSize)
        let (first, second) = (try #require(page.node(0)), try #require(page.node(1)))
        let start = Int(leaf) * meta.pageSize
        for place in 0..<8 {
            bytes[start + second.key.lowerBound + place] = bytes[start + first.key.lowerBound + place]
        }
        let found = try problems(bytes)
        #expect(found.count == 1 && found[0].contains("out of order"), "\(found)")
    }

    @Test("with a value of more bytes than its pages hold are refused, also where the tree counts as few")
    func shortValue() throws {
        let meta = try DataFile(inDirectory: gallery.path).meta()
        var bytes = try bytes()
        let (record, leaf) = try tree(.references, bytes, meta)
        let page = page(bytes, leaf, meta.pageSize)
        let node = try #require(
            (0..<page.nodes).compactMap { page.node($0) }.first { $0.flags == Page.bigData })
        let first = Int(page.number64(node.dataOffset)) * meta.pageSize
        #expect(bytes[first + 12] == 3, "the value has three pages")
        bytes[first + 12] = 2
        // In the tree's record, too, whose third count is of such pages.
        #expect(bytes[record + 24] == 30)
        bytes[record + 24] = 29
        let found = try problems(bytes)
        #expect(found.count == 1 && found[0].contains("header of page"), "\(found)")
    }
}
