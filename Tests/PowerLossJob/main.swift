import Glibc
import PowerLossSteps

// `power-loss-job JOB GALLERY` does a job in a new gallery, and writes a line when the creation or a step is done: what a
// user was told. It runs under the recorder of `PowerLossTests`.

guard CommandLine.arguments.count == 3, let job = StorageJob.all[CommandLine.arguments[1]] else { exit(64) }
try job.run(at: CommandLine.arguments[2]) { line in
    let bytes = Array(line.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
