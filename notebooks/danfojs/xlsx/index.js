// Stands in for SheetJS, whose releases on npm have known advisories.
function refuse() {
  throw new Error('Excel files are not read or written here. Save the file as CSV and use readCSV or toCSV.');
}

module.exports = {
  read: refuse,
  readFile: refuse,
  writeFile: refuse,
  utils: new Proxy({}, { get: () => refuse }),
};
