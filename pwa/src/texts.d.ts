// esbuild gives a text file as the string in it.
declare module "*.txt" {
  const text: string;
  export default text;
}
