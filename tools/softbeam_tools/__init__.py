"""What the command-line tools of this folder share: errors, files, data sets, exports."""
