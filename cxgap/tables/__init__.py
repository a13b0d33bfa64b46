"""What a study is made of, and whether it is fit to use."""
