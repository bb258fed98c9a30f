public import GalleryModel
import TemplateStore

extension LocalStorage {
    /// Adds references of an export in one durable transaction, without those that were taken from it before.
    public func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        try store.write { writer throws(StoreError) in
            try writer.importReferences(references, of: export, from: first)
        }
    }

    /// How many references of an export were taken so far; 0 where another was imported later.
    public func importedCount(of export: ExportNumber) throws(StoreError) -> Int {
        try store.read { reader throws(StoreError) in try reader.importedCount(of: export) }
    }
}
