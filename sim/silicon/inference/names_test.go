package inference

import (
	"slices"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"MobileNetV2 1.0 224 INT8", []string{"mobilenet", "v2", "1.0", "224", "int", "8"}},
		{"mobilenet_v2_1.0_224", []string{"mobilenet", "v2", "1.0", "224"}},
		{"ResNet-50 V1", []string{"resnet", "50", "v1"}},
		{"ResNet-50v15", []string{"resnet", "50v15"}},
		{"Inception-ResNet V2", []string{"inception", "resnet", "v2"}},
		{"EfficientNetV2-B0", []string{"efficientnet", "v2", "b", "0"}},
		{"Wav2Letter pruned int8", []string{"wav2letter", "pruned", "int", "8"}},
		{"VGG16", []string{"vgg", "16"}},
		{"MicroNet VWW-4 128x128", []string{"micronet", "vww", "4", "128x128"}},
	} {
		if got := words(c.name); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The first entry whose words are all there wins, in any spelling and order; a name with fewer words
// than any entry is not guessed.
func TestFind(t *testing.T) {
	names := Names{{"fpn", ""}, {"ssd mobilenet v2", "ssd"}, {"mobilenet v2", "plain"}}
	for _, c := range []struct {
		model, want string
		ok          bool
	}{
		{"MobileNetV2 1.0", "plain", true},
		{"SSD MobileNet v2 (COCO)", "ssd", true},
		{"MobileNet-SSD V2", "ssd", true},
		{"MobileNet", "", false},
		{"SSD/FPN MobileNet V2", "", false}, // another network
		{"MobileNet v1 2.0", "", false},
	} {
		if got, ok := names.Find(c.model); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v; want %q, %v", c.model, got, ok, c.want, c.ok)
		}
	}
}
