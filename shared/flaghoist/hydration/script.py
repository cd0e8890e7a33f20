"""The script that pages carry, from ``bootstrap.ts``; written by ``python -m flaghoist_cli.build.hydration_script``."""

SCRIPT = r"""(()=>{var a=globalThis,g=()=>a.navigator?.onLine===!1,p=()=>a.document&&a.localStorage;function _(n,t){let e=a.setTimeout(
n,t);return e.unref?.(),e}var nt=3,st=([n,{value:t,reason:e,variation:s,version:r,errorCode:i,errorDetails:o}])=>i?{key:n,errorCode:i,errorDetails:o}:
{key:n,value:t,reason:e,variant:s,metadata:{flagVersion:r}};function U({ofrep:n,flags:t,etag:e},s){if(!n)return;
let r=n.flags??Object.entries(t??{}).map(st);return{id:s,bulk:{...n,flags:r},etag:e??"",o:Date.now(),source:"p\
age"}}var m=({bulk:n})=>String(n.metadata?.version??"0-0");function S(n,t){let[e=0,s=0]=n.split("-").map(Number),
[r=0,i=0]=t.split("-").map(Number);return e-r||s-i}var x=(n,t)=>S(m(n),m(t));function N(n,t){if(!n||!t)return n??
t;let e=x(t,n);return e>0||e===0&&g()?t:n}function O(n,t=!1){let{level:e=0,age:s=0}=n.bulk.metadata??{};return{
version:m(n),level:n.source==="kept"||t||g()?nt:e,age:s+Math.max(0,Math.round((Date.now()-n.o)/1e3)),source:n.
source}}function v(n){if(Array.isArray(n))return`[${n.map(v).join()}]`;if(!n||typeof n!="object")return JSON.stringify(
n)??"null";let t=e=>`${JSON.stringify(e)}:${v(n[e])}`;return`{${Object.keys(n).sort().map(t).join()}}`}var rt=[
2166136261,2654435761,2246822519,3266489917],it=[16777619,2654435761,2246822507,3266489909];function w(n){let t=[
...rt];for(let e=0;e<n.length;e++){let s=n.charCodeAt(e);for(let r=0;r<t.length;r++){let i=Math.imul(t[r]^s,it[r]);
t[r]=i^i>>>15}}return t.map(e=>(e>>>0).toString(16).padStart(8,"0")).join("")}function J({headers:n},t){return/^bearer (.*)$/i.
exec(n.get("Authorization")??"")?.[1]?.trim()??n.get("X-API-Key")??t.searchParams.get("key")??""}function H(n){
try{let t=atob(n.split(".")[1].replace(/-/g,"+").replace(/_/g,"/"));return JSON.parse(new TextDecoder().decode(
Uint8Array.from(t,e=>e.charCodeAt(0)))).context}catch{return n}}function M(n){let t=n?.targetingKey;return(typeof t==
"string"||Number.isInteger(t))&&String(t)||void 0}var j="flaghoist:kept:",ot=8,q=1e6,at=720*36e5;function E(n){try{let t=p()?.getItem(j+w(n)),e=parseInt(t,10);if(!(Date.
now()-e<at))return;let{bulk:s,etag:r}=JSON.parse(t.slice(t.indexOf(" ")));return Array.isArray(s.flags)?{id:n,
bulk:s,etag:r,o:e,source:"kept"}:void 0}catch{return}}function D({id:n,bulk:t,etag:e,o:s}){try{let r=p(),i=j+w(
n),o=`${s} ${JSON.stringify({bulk:t,etag:e})}`;if(o.length>q)return;ct(r,i,o.length),r.setItem(i,o)}catch{}}function ct(n,t,e){
let r=Object.keys(n).filter(o=>o.startsWith(j)&&o!==t).map(o=>[o,n.getItem(o)??""]);r.sort(([,o],[,c])=>parseInt(
c,10)-parseInt(o,10));let i=q-e;r.forEach(([o,c],u)=>{i-=c.length,(i<0||u>=ot-1)&&n.removeItem(o)})}var k=class{constructor(t,e){this.id=t;this.n=e;this.a=!1}get current(){return this.h||this.g(N(this.n,E(this.
id))),this.h}get version(){return this.current&&m(this.current)}get freshness(){return this.current&&O(this.current,
this.a)}details(t){return this.current&&this.l.get(t)}keep(t){let e=E(t.id);(!e||x(t,e)>=0)&&D(t),t.id===this.
id&&(!this.current||x(t,this.current)>=0)&&this.g(t)}last(t){return N(t===this.id?this.n:void 0,E(t))}g(t){this.h=
t,this.l=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var ut="flaghoist:events:",dt=25e4,B=1e3,V=100,$=16e3,K=5e3,ft=6e4,F=class{constructor(t,e){this.r=t;this.w=e;
this.t=[];this.u=0;this.s=0;this.c=ut+w(e),this.flush=this.flush.bind(this)}put(t){let e={id:ht(),...t,at:Date.
now(),source:"web"};JSON.stringify(e).length>$||(this.t=[...this.t.slice(1-B),e],this.t.length>=V&&!this.s?this.
flush():this.p())}flush(){var t;return this[t="d"]??(this[t]=this.F().finally(()=>this.d=void 0)),this.d}leave(){
for(;this.t.length&&!W();){let t=this.m();if(this.s||g()||!this.I(t)){this.R();return}this.y(t)}}v(){try{let t=this.b();
if(!t.length)return;p().removeItem(this.c),this.t=[...t,...this.t].slice(-B),this.p()}catch{}}p(){var t;this.d||
this[t="u"]||(this[t]=_(this.flush,K))}async F(){if(a.clearTimeout(this.u),this.u=0,W())return a.document?.addEventListener(
"prerenderingchange",this.flush,{once:!0});for(;this.t.length;){let t=this.m(),e=await this.P(t);if(this.s=e?this.s+
1:0,e){this.u=_(this.flush,e);return}this.y(t)}}async P(t){let e=0;try{let r={"Content-Type":"text/plain;chars\
et=UTF-8"},i=await this.r(this.w,{method:"POST",headers:r,body:G(t),keepalive:!0});if(i.status!==429&&i.status<
500)return 0;e=Number(i.headers.get("Retry-After"))||0}catch{}let s=Math.min(ft,K*2**this.s)*(.5+Math.random()/
2);return Math.max(s,e*1e3)}m(){let t=[],e=0;for(let s of this.t.slice(0,V)){if(e+=JSON.stringify(s).length,t.
length&&e>$)break;t.push(s)}return t}y(t){this.t=this.t.filter(e=>!t.includes(e))}I(t){try{return a.navigator.
sendBeacon(this.w,new Blob([G(t)],{type:"text/plain"}))}catch{return!1}}b(){return JSON.parse(p()?.getItem(this.c)??
"[]")}R(){try{let t=[...this.b(),...this.t].slice(-B);for(;JSON.stringify(t).length>dt;)t=t.slice(Math.ceil(t.
length/4));p().setItem(this.c,JSON.stringify(t)),this.t=[]}catch{}}},W=()=>!!a.document?.prerendering,G=n=>JSON.
stringify({events:n});function ht(){let{crypto:n}=a;if(n.randomUUID)return n.randomUUID();let t=n.getRandomValues(
new Uint8Array(16));return Array.from(t,e=>e.toString(16).padStart(2,"0")).join("")}var L="flagConfigEtag",X=n=>/^\d+-\d+$/.test(n),I=class{constructor(){this.i=new Map}wanted(t,e){let s=e.searchParams.
get(L),r=this.i.get(t);return X(s)&&(!r||S(s,r)>0)&&this.i.set(t,s),this.i.get(t)}shown(t,e){let s=this.i.get(
t);s&&X(e)&&S(e,s)>=0&&this.i.delete(t)}};function Q(n,t,e){let s=new URL(n.url);if(s.searchParams.get(L)===e)
return;s.searchParams.set(L,e);let{method:r,headers:i,signal:o,mode:c,credentials:u,cache:h,redirect:l,referrer:b,
referrerPolicy:A,keepalive:T}=n;return new Request(s,{method:r,headers:i,body:t,signal:o,mode:c,credentials:u,
cache:h,redirect:l,referrer:b,referrerPolicy:A,keepalive:T})}var R=class{constructor(t,e,s){this.r=t;this.O=e;this.e=s;this.A=new I;this.S=!1}async fetch(t,e){let s=await this.T(
t,e);if(!s)return this.r(t,e);let r=this._(s);if(r)return r;try{let i=await(s.fenced?this.r(s.fenced):this.r(t,
e));return this.A.shown(s.key,i.headers.get("Flaghoist-Version")),await this.N(s,i),this.e.a=lt(i.status),this.e.a&&
this.x(s)||i}catch(i){if(gt(s.signal))throw i;this.e.a=!0;let o=this.x(s);if(o)return o;throw i}}async T(t,e){
try{let s=new Request(t instanceof Request?t.clone():t,e),r=new URL(s.url);if(s.method!=="POST"||r.origin+r.pathname!==
this.O)return;let i=await s.text(),o=JSON.parse(i),c=s.headers.get("Flaghoist-Context")??o.signedContext,u=c?H(
c):o.context??{},h=J(s,r),l=this.A.wanted(h,r);return{id:C(this.O,h,u),key:h,M:s.headers.get("If-None-Match")??
"",j:!!l,fenced:l?Q(s,i,l):void 0,signal:e?.signal??s.signal}}catch{return}}_(t){let{current:e,id:s,n:r}=this.e;
if(!(!r||this.S||t.id!==s))return this.S=!0,t.j?void 0:this.E(e,t)}x(t){let e=this.e.last(t.id);return e&&!z(t,
e)?this.E({...e,source:"kept"},t):void 0}E(t,e){let{version:s,level:r,age:i}=O(t);this.version=s;let o={"Conte\
nt-Type":"application/json",ETag:t.etag,"Flaghoist-Version":s,"Flaghoist-Age":String(i),"Flaghoist-Level":String(
r)};if(z(e,t))return new Response(null,{status:304,headers:o});let c={...t.bulk,metadata:{...t.bulk.metadata,level:r,
age:i}};return new Response(JSON.stringify(c),{headers:o})}async N(t,e){let s=e.headers.get("ETag")??"",r={id:t.
id,etag:s,o:Date.now(),source:"network"};try{if(e.status===200){let c=JSON.parse(await e.clone().text());if(!Array.
isArray(c.flags))return;this.e.keep({...r,bulk:c}),this.version=m({bulk:c})}let i=e.status===304?this.e.last(t.
id):void 0;if(!i||i.etag!==s)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;this.e.keep({...r,bulk:{...i.
bulk,metadata:{...i.bulk.metadata,age:o}}})}catch{}}},C=(n,t,e)=>v([n,t,e]),z=(n,t)=>!!t.etag&&n.M.includes(t.
etag),lt=n=>n===429||n>=500,gt=n=>n?.aborted&&n.reason?.name!=="TimeoutError";var pt=5e3,P=class{constructor(t){this.t=t;this.f=new Set}k(t,e,s,r){let i=M(r),o=v([t,e,s,i]);this.f.has(o)||
(this.f.size>=pt&&this.f.clear(),this.f.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:s,unit:i}))}track(t,e,{
value:s,...r}){let i=Object.fromEntries(Object.entries(r).filter(([,c])=>mt(c))),o=Number.isFinite(s)?s:void 0;
this.t.put({type:"track",name:t,unit:M(e),value:o,attributes:i})}},mt=n=>typeof n=="string"||typeof n=="boolea\
n"||Number.isFinite(n);var Y="/ofrep/v1/evaluate/flags",yt="/v1/events";function Z(n,t=a.fetch.bind(a)){let{key:e="",context:s={},signedContext:r}=n??
{},i=(n?.baseUrl??a.location.origin).replace(/\/+$/,""),o=d=>new URL(i+d,a.document?.baseURI).href,c=C(o(Y),e,
s),u=new k(c,n&&U(n,c)),h=new R(t,o(Y),u),l=new F(t,`${o(yt)}?key=${encodeURIComponent(e)}`),b=new P(l),A=h.fetch.
bind(h),T=r?[["Flaghoist-Context",r]]:[];return vt(u,l),{payload:n,context:s,baseUrl:i,key:e,fetch:A,providerOptions:{
baseUrl:i,fetchImplementation:A,headers:[["X-API-Key",e],...T],cacheMode:"disabled"},details:d=>u.details(d),value(d,f){
let y=u.details(d)?.value;return y!==void 0&&(f===void 0||typeof y==typeof f)?y:f},standing:()=>u.freshness,used(d){
let f=u.details(d)?.variant;typeof f=="string"&&b.k(d,f,u.version,s)},hook:{after({context:d},{flagKey:f,variant:y,
errorCode:et}){typeof y!="string"||et||b.k(f,y,h.version??u.version,d)}},track:(d,f={})=>b.track(d,s,f),flush:l.
flush}}function vt(n,t){let{document:e}=a;e&&(a.addEventListener?.("pagehide",()=>t.leave()),e.addEventListener(
"visibilitychange",()=>e.visibilityState==="hidden"?t.leave():t.v()),a.setTimeout(()=>{n.n&&!g()&&n.keep(n.n),
t.v()},0))}var tt=a.__FLAGHOIST__;(!a.Flaghoist||a.Flaghoist.payload!==tt)&&(a.Flaghoist=Z(tt));})();
"""  # noqa: E501
