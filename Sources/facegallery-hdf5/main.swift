import Glibc
import IsolatedHDF5

// `facegallery-hdf5 WORK VERSION PATIENCE` reads or writes one HDF5 file, which it is given open; the library starts it.
// It is confined before it looks at the first byte.

let words = CommandLine.arguments
guard words.count == 4, let work = HDF5Work(rawValue: words[1]), words[2] == HDF5Work.version,
    let patience = Double(words[3]), patience > 0
else {
    HelperOutput.explain("facegallery-hdf5 is started by the programs and libraries that read HDF5 files\n")
    exit(HelperExit.usage.rawValue)
}
watch(patience: patience)
confine(for: work)
exit(perform(work).rawValue)
