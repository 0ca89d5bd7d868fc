package ethosu

import "dse/sim/silicon/inference"

// names gives the networks that the table calls by these words.
var names = inference.Names{
	{Words: "tiny wav2letter", Network: "tiny-wav2letter"},
	{Words: "wav2letter", Network: "wav2letter"},
	{Words: "rnnoise", Network: "rnnoise"},
	{Words: "yolo fastest", Network: "yolo-fastest-192"},
	{Words: "micronet vww 2", Network: "micronet-vww-2"},
	{Words: "micronet vww 3", Network: "micronet-vww-3"},
	{Words: "micronet vww 4", Network: "micronet-vww-4"},
	{Words: "micronet small kws", Network: "micronet-kws-small"},
	{Words: "micronet medium kws", Network: "micronet-kws-medium"},
	{Words: "micronet large kws", Network: "micronet-kws-large"},
	{Words: "ds cnn small", Network: "ds-cnn-small"},
	{Words: "ds cnn medium", Network: "ds-cnn-medium"},
	{Words: "ds cnn large", Network: "ds-cnn-large"},
	{Words: "mobilenet v2 0.35 224", Network: "mobilenetv2-0.35-224"},
	{Words: "mobilenet v2 1.0 224", Network: "mobilenetv2-1.0-224"},
	{Words: "mobilenet v2 224", Network: "mobilenetv2-1.0-224"},
	{Words: "mobilenet v1 0.25 224", Network: "mobilenetv1-0.25-224"},
	{Words: "mobilenet v1 1.0 224", Network: "mobilenetv1-1.0-224"},
	{Words: "resnet 8", Network: "resnet8"},
	{Words: "resnet 18", Network: "resnet18-224"},
	{Words: "resnet 50", Network: "resnet50-224"},
}
