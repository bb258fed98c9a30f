import GalleryTesting

var broken = 0
for promise in StorageConformance.promises {
    do { try promise.check { settings in try TextStorage(settings) } } catch {
        broken += 1
        print(error)
    }
}
print("\(StorageConformance.promises.count - broken) of \(StorageConformance.promises.count) promises kept")
if broken > 0 { fatalError("the storage keeps not all promises") }
