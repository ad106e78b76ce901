/** What stands for a package in a model's `source` where this project fitted the model: the folder that did. */
export const TRAINED = 'model-factory/train';
