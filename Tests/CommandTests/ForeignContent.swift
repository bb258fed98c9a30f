import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

/// A gallery that holds what no command puts there, as a stranger's may.
struct ForeignContent {
    let store: TemplateStore

    /// - Parameter network: what the gallery calls the network of its templates.
    init(at path: String, network: String = "given-templates") throws {
        store = try TemplateStore.create(
            at: path,
            settings: StoreSettings(dimension: 16, networkName: network, networkFingerprint: network))
    }

    /// Enrols a reference under a name that no rule has seen.
    func enrol(
        _ name: String, _ template: [Float], source: String = "", metadata: [String: String] = [:]
    ) throws {
        try store.write { (writer) throws(StoreError) in
            let id = try writer.add(
                NewReference(subject: "to be renamed", source: source, metadata: metadata, template: template))
            guard let number = try writer.subjectNumber(ofReference: id) else { return }
            try writer.transaction.delete(.names, .text("to be renamed"))
            try StoreWriter.setName(name, of: number, in: writer.transaction)
        }
    }

    /// Enrols a reference with a template, a quality and a time that no gallery takes; checksums are right.
    func enrol(
        _ name: String, unchecked template: [Float], quality: ReferenceQuality? = nil, enrolled: Double = 0
    ) throws {
        var unit = [Float](repeating: 0, count: 16)
        unit[0] = 1
        let id = try store.write { [unit] (writer) throws(StoreError) in
            try writer.add(NewReference(subject: name, source: "", template: unit))
        }
        try replace(id, unchecked: template, quality: quality, enrolled: enrolled)
    }

    /// Gives a reference another template, as if it had been the first: an index does not notice.
    func replace(
        _ id: ReferenceID, unchecked template: [Float], quality: ReferenceQuality? = nil, enrolled: Double = 0
    ) throws {
        try store.write { (writer) throws(StoreError) in
            guard let subject = try writer.subjectNumber(ofReference: id) else { return }
            let checksum = try unsafe template.withUnsafeBufferPointer { template throws(StoreError) in
                let bytes = UnsafeRawBufferPointer(template)
                try unsafe writer.transaction.put(.vectors, .number(UInt64(id)), bytes)
                return unsafe vectorChecksum(id, bytes)
            }
            ReferenceRecord.encode(
                id: id, subject: subject, enrolled: enrolled, source: "", digest: nil, quality: quality,
                vectorChecksum: checksum, to: &writer.transaction.record)
            try writer.transaction.put(
                .references, .number(UInt64(id)), writer.transaction.record.bytes)
        }
    }
}
