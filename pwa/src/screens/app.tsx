// Which screen is shown. Hash routes: every link works without the network and under any sub-path.
import { useEffect } from "preact/hooks";
import { Redirect, Route, Router, Switch, useLocation } from "wouter-preact";
import { useHashLocation } from "wouter-preact/use-hash-location";
import { open, opening } from "../app";
import { fieldOnArrival } from "../forms/standing";
import { Newer, Opening } from "../parts/closed";
import { Notices } from "../parts/notices";
import { Boundary } from "./boundary";
import { Enrol } from "./enrol";
import { Edit } from "./edit";
import { FarmerPage } from "./farmer";
import { Find } from "./find";
import { Home } from "./home";
import { PlotPage } from "./plot";
import { RecordPage } from "./record";
import { SignIn } from "./signin";
import { SyncPage } from "./sync";

export function App({ begin }: { begin: () => Promise<void> }) {
  if (opening.value === "newer") return <Newer />;
  if (open.value === undefined) return <Opening />;
  if (open.value === null) return <SignIn done={begin} />;
  return (
    <Router hook={useHashLocation}>
      <FocusOnArrival />
      <Switch>
        <Route path="/" component={Home} />
        <Route path="/find/:type?" component={Find} />
        <Route path="/farmer/:id">{({ id }) => <FarmerPage id={id} />}</Route>
        <Route path="/plot/:id">{({ id }) => <PlotPage id={id} />}</Route>
        <Route path="/record/:id">{({ id }) => <RecordPage id={id} />}</Route>
        <Route path="/edit/:type/:id">{({ type, id }) => <Edit type={type} id={id} key={id} />}</Route>
        <Route path="/edit/:type/:id/boundary">{({ type, id }) => <Boundary type={type} id={id} key={id} />}</Route>
        <Route path="/enrol/:code">{({ code }) => <Enrol code={code} begin={begin} key={code} />}</Route>
        <Route path="/sync">
          <SyncPage leave={begin} />
        </Route>
        <Route>
          <Redirect to="/" />
        </Route>
      </Switch>
      <Notices begin={begin} />
    </Router>
  );
}

/** After each step a screen reader and the keyboard stand at the new heading; after a return, where they stood. */
function FocusOnArrival() {
  const [place] = useLocation();
  useEffect(() => {
    scrollTo(0, 0);
    const stood = fieldOnArrival(place);
    stood?.scrollIntoView({ block: "center" });
    (stood ?? document.querySelector<HTMLElement>("h1"))?.focus({ preventScroll: true });
  }, [place]);
  return null;
}
