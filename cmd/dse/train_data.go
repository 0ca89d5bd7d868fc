package main

import (
	"fmt"

	"dse/models"
	"dse/qat"
	"dse/qat/dataset"
)

// trainData is what a network is trained and judged on.
type trainData struct {
	name        string
	note        string // identifies images and their augmentation, for resuming
	train, held qat.Samples
	test        func() (qat.Samples, error)
	skipped     func() int // unreadable images left out
}

// none is an empty set of samples.
type none struct{}

func (none) Len() int                         { return 0 }
func (none) Fill([]int, []float32, []float32) {}

// openTrainData opens the data set of a network.
func openTrainData(f *trainFlags, n *models.Network) (trainData, error) {
	augment, err := dataset.ParseAugment(f.augment)
	if err != nil {
		return trainData{}, fmt.Errorf("--augment: %w", err)
	}
	if dataset.IsImageFolder(f.data) {
		return openImages(f, n, augment)
	}
	if augment.ResizedCrop {
		return trainData{}, fmt.Errorf("--augment: resized-crop is for folders of images, %s has images of one size: use crop=4", f.data)
	}
	set, err := dataset.Open(f.data)
	if err != nil {
		return trainData{}, fmt.Errorf("--data: %w", err)
	}
	if err := fits(n, set); err != nil {
		return trainData{}, err
	}
	digest, err := set.Digest()
	if err != nil {
		return trainData{}, fmt.Errorf("--data: %w", err)
	}
	d := trainData{
		name: set.Name, note: fmt.Sprintf("sha256 %s augment %v all %v", digest, augment, f.all), held: none{},
		test:    func() (qat.Samples, error) { return set.TestOnce() },
		skipped: func() int { return 0 },
	}
	part := set.Train
	if f.all {
		part = set.All
	} else if d.held, err = set.Held(); err != nil {
		return trainData{}, fmt.Errorf("--data: %w", err)
	}
	images, err := part()
	if err != nil {
		return trainData{}, fmt.Errorf("--data: %w", err)
	}
	d.train = images
	if augment != (dataset.Augment{}) {
		d.train = augment.Apply(images)
	}
	return d, nil
}

// openImages opens a folder of images in the layout of ImageNet. Its validation images are the test set;
// a part of the training images is held out.
func openImages(f *trainFlags, n *models.Network, augment dataset.Augment) (trainData, error) {
	image := n.Image()
	if image.C != 3 {
		return trainData{}, fmt.Errorf("model %s takes images of %d channels, those of the folder %s have 3", n.Name, image.C, f.data)
	}
	set, err := dataset.OpenImages(f.data, dataset.ImageOptions{
		Height: image.H, Width: image.W, Augment: augment, SkipUnreadable: f.skipBad,
	})
	if err != nil {
		return trainData{}, fmt.Errorf("--data: %w", err)
	}
	if len(set.Classes) != n.Classes {
		return trainData{}, fmt.Errorf("model %s has %d classes, the folder %s has %d", n.Name, n.Classes, f.data, len(set.Classes))
	}
	d := trainData{
		name: set.Name, note: fmt.Sprintf("sha256 %s augment %v all %v skip %v", set.Digest(), augment, f.all, f.skipBad),
		train: set.Train(), held: set.Held(), test: func() (qat.Samples, error) { return set.Test(), nil }, skipped: set.Skipped,
	}
	if f.all {
		d.train, d.held = set.All(), none{}
	}
	return d, nil
}
