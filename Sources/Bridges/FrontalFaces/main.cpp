// Writes dlib's frontal face detector, serialised, as a Swift source file. Runs while the package is built.

#include <dlib/algs.h>
#include <dlib/threads.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/image_processing/frontal_face_detector.h>

#include <cstdio>
#include <fstream>
#include <string>

int main(int count, char **arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: frontal-faces <the source file to write>\n");
        return 64;
    }
    const std::string detector = dlib::get_serialized_frontal_faces();
    std::ofstream out(arguments[1], std::ios::binary);
    out << "/// dlib's frontal face detector as dlib serialises it, two letters a byte: a...p for 0...15.\n"
        << "let frontalFaces: StaticString = \"";
    for (const char c : detector) {
        const unsigned char byte = static_cast<unsigned char>(c);
        out << static_cast<char>('a' + (byte >> 4)) << static_cast<char>('a' + (byte & 15));
    }
    out << "\"\n";
    out.close();
    if (!out) {
        std::fprintf(stderr, "%s: cannot be written\n", arguments[1]);
        return 73;
    }
    return 0;
}
