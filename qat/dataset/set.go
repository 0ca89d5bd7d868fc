// Package dataset holds the images that networks are trained and judged on: Fashion-MNIST, which
// is embedded whole, a folder of IDX files in the manner of MNIST, the binary batches of CIFAR-10, or a
// folder of images in the layout of ImageNet. What varies from epoch to epoch (see Augment) is a function
// of a draw and of the image's number, never of the images before it.
//
// A set has three parts. Train is what networks learn from. Held is a twelfth of the training
// images that is kept back for every choice the program makes: when to stop, which trial is
// better, which design to keep. Test is read once, when all choices have been made.
// The border between Train and Held depends on the labels alone, never on a run's seed.
package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
)

// Shape is the size of one image.
type Shape struct{ Channels, Height, Width int }

// Len returns the number of values of one image.
func (s Shape) Len() int { return s.Channels * s.Height * s.Width }

func (s Shape) String() string { return fmt.Sprintf("%d x %d x %d", s.Height, s.Width, s.Channels) }

// Set is one data set. Its images are decoded when they are first asked for. A Set may be used
// by several goroutines.
type Set struct {
	Name    string
	Classes []string // the name of each label
	Shape   Shape

	train, test *pair
	testRead    atomic.Bool
	split       func() (learn, held []int32) // positions in the training files
}

// ErrTestRead is returned by TestOnce from its second call on.
var ErrTestRead = errors.New("dataset: the test images were read before; choose between networks on Held")

// Train returns the images to learn from: 55,000 of Fashion-MNIST.
func (s *Set) Train() (*Part, error) {
	learn, _ := s.split()
	return s.train.part(s.Shape, learn)
}

// Held returns the images held out of the training set: 5,000 of Fashion-MNIST, as many of each
// class. All choices are made on them.
func (s *Set) Held() (*Part, error) {
	_, held := s.split()
	return s.train.part(s.Shape, held)
}

// All returns every image of the training set, those of Held among them: for a recipe that is settled
// and makes no choice, so that its result can be compared with published ones.
func (s *Set) All() (*Part, error) { return s.train.part(s.Shape, all(len(s.train.labels))) }

// TestOnce returns the test images, 10,000 of Fashion-MNIST, and only the first time. Whoever
// calls it has made all choices: the result must not influence which network is kept.
func (s *Set) TestOnce() (*Part, error) {
	if s.testRead.Swap(true) {
		return nil, ErrTestRead
	}
	return s.test.part(s.Shape, all(len(s.test.labels)))
}

// Verify decodes every file and checks it, so that a damaged test file is found before hours of
// training and not after.
func (s *Set) Verify() error {
	if _, err := s.train.decode(); err != nil {
		return err
	}
	_, err := s.test.decode()
	return err
}

// pair is a file of images and the labels that belong to it.
type pair struct {
	labels []byte
	decode func() ([]byte, error) // the images; decoded once
}

// part selects images of the pair by their position in the file.
func (p *pair) part(shape Shape, index []int32) (*Part, error) {
	images, err := p.decode()
	if err != nil {
		return nil, err
	}
	return &Part{Shape: shape, images: images, labels: p.labels, index: index}, nil
}

// all returns 0 .. n-1.
func all(n int) []int32 {
	index := make([]int32, n)
	for i := range index {
		index[i] = int32(i)
	}
	return index
}

// The files of a set, as MNIST names them. Each may have ".gz" appended.
const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"
)

// open reads the labels of a set and the headers of its images, and checks that they belong
// together. sums gives the SHA-256 of each file in hexadecimal; nil accepts any content.
func open(name string, classes []string, fsys fs.FS, sums map[string]string) (*Set, error) {
	folder := &folder{name: name, fsys: fsys, sums: sums}
	if err := folder.find(trainImages, trainLabels, testImages, testLabels); err != nil {
		return nil, err
	}
	train, shape, err := folder.pair(trainImages, trainLabels)
	if err != nil {
		return nil, err
	}
	test, testShape, err := folder.pair(testImages, testLabels)
	if err != nil {
		return nil, err
	}
	if shape != testShape {
		return nil, folder.fault(testImages, "has images of %v, but %s of %v: use files of one data set", testShape, folder.actual[trainImages], shape)
	}
	count, err := folder.classes(train.labels, test.labels, len(classes))
	if err != nil {
		return nil, err
	}
	if classes == nil {
		for i := range count {
			classes = append(classes, fmt.Sprint(i))
		}
	}
	return &Set{
		Name: name, Classes: classes, Shape: shape, train: train, test: test,
		split: sync.OnceValues(func() (learn, held []int32) { return stratify(train.labels, count, len(train.labels)/heldOneIn) }),
	}, nil
}
