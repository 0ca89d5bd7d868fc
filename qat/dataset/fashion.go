package dataset

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FashionMNIST is the name of the embedded set: 60,000 training and 10,000 test images of 28 x 28
// grey values in ten classes. Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for
// benchmarking machine learning algorithms", arXiv 1708.07747, 2017. Its licence lies beside it.
const FashionMNIST = "fashion-mnist"

//go:embed fashionmnist/*.gz
var fashionFiles embed.FS

// fashionSums are the SHA-256 sums of the embedded files.
var fashionSums = map[string]string{
	trainImages + ".gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
	trainLabels + ".gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
	testImages + ".gz":  "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
	testLabels + ".gz":  "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}

var fashionClasses = []string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

// Accepted says in words which data sets there are.
const Accepted = FashionMNIST + ", or a folder: four IDX files, CIFAR-10's binary batches, or images in train/CLASS and val/CLASS"

// Open returns the data set that a user named: "fashion-mnist", or a folder with the four IDX
// files of MNIST, plain or compressed, or with the binary batches of CIFAR-10. Labels and headers are read and checked at once, images
// when they are first used; Verify reads everything.
func Open(name string) (*Set, error) {
	if name == FashionMNIST {
		files, err := fs.Sub(fashionFiles, "fashionmnist")
		if err != nil {
			panic("dataset: embedded files are gone")
		}
		return open(name, fashionClasses, files, fashionSums)
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("data set %q: %w: name %s or a folder with %s, %s, %s and %s, each plain or with .gz, or with CIFAR-10's binary batches",
			name, reason(err), FashionMNIST, trainImages, trainLabels, testImages, testLabels)
	case !info.IsDir():
		return nil, fmt.Errorf("data set %q is a file: name the folder it lies in, or %s", name, FashionMNIST)
	}
	files := os.DirFS(name)
	switch {
	case isCIFAR(files):
		return openCIFAR(filepath.Clean(name), files)
	case IsImageFolder(name):
		return nil, fmt.Errorf("data set %s is a folder of images of any size: only `dse train` takes those", name)
	}
	return open(filepath.Clean(name), nil, files, nil)
}
