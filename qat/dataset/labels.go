package dataset

// classes checks the labels of both parts and returns the number of classes: the given one, or
// what the training labels show where 0 is given.
func (f *folder) classes(train, test []byte, given int) (int, error) {
	if len(train) < heldOneIn {
		return 0, f.fault(trainLabels, "has %d labels: at least %d are needed to hold some out", len(train), heldOneIn)
	}
	count := given
	var seen [256]bool
	for _, l := range train {
		seen[l] = true
		if given == 0 {
			count = max(count, int(l)+1)
		}
	}
	if count < 2 {
		return 0, f.fault(trainLabels, "gives all images one label: at least two classes are needed")
	}
	for c := range count {
		if !seen[c] {
			return 0, f.fault(trainLabels, "has no image with label %d, though labels go up to %d: number the classes without gaps", c, count-1)
		}
	}
	for _, part := range []struct {
		file   string
		labels []byte
	}{{trainLabels, train}, {testLabels, test}} {
		for i, l := range part.labels {
			if int(l) >= count {
				return 0, f.fault(part.file, "has label %d at image %d, which is out of range: the classes are 0 to %d", l, i, count-1)
			}
		}
	}
	return count, nil
}
